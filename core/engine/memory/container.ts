import type { ContainerState, HealthState, ObservedContainer, PublishedPort } from '../../observe/observed.ts';
import type { ContainerSpec, ExecSpec, ImageSummary, LogEntry } from '../specs.ts';

/** What the process of a container in memory does. */
export interface Behaviour {
  /** It ends by itself with this status, `runMs` after its start. */
  readonly exitCode?: number;
  readonly runMs?: number;
  /** What its health check comes to say, `healthMs` after the start; only where the service or image has one. */
  readonly health?: HealthState;
  readonly healthMs?: number;
  readonly healthOutput?: string;
  /** It cannot be started. */
  readonly startError?: string;
  readonly stopExitCode?: number;
  readonly exec?: (spec: ExecSpec) => { readonly exitCode?: number; readonly stdout?: string; readonly stderr?: string };
}

export interface MemoryContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly image: ImageSummary;
  readonly behaviour: Behaviour;
  readonly mounts: ObservedContainer['mounts'];
  readonly createdAt: string;
  readonly logs: LogEntry[];
  name: string;
  state: ContainerState;
  desired: 'running' | 'stopped';
  restartCount: number;
  /** Counts processes: what was planned for an earlier one is void. */
  run: number;
  health?: HealthState | undefined;
  healthOutput?: string | undefined;
  exitCode?: number | undefined;
  startedAt?: string;
  finishedAt?: string | undefined;
  isRemoved?: boolean;
  timer?: NodeJS.Timeout;
}

/** What changes when the process starts. */
export function startedState(container: MemoryContainer, { startedAt }: { startedAt: string }): Partial<MemoryContainer> {
  const health = hasHealthcheck(container) ? 'starting' : undefined;
  return {
    state: 'running',
    desired: 'running',
    run: container.run + 1,
    startedAt,
    health,
    exitCode: undefined,
    finishedAt: undefined,
  };
}

function hasHealthcheck({ spec, image }: MemoryContainer): boolean {
  const written = spec.service.healthcheck;
  if (written?.disable || written?.test?.[0] === 'NONE') return false;
  return written?.test !== undefined || (image.config.Healthcheck?.Test?.[0] ?? 'NONE') !== 'NONE';
}

/** The container as `observe` shows it. */
export function observedContainer(
  container: MemoryContainer,
  { networkIndex }: { networkIndex: (name: string) => number },
): ObservedContainer {
  const { id, spec, image, health, healthOutput, exitCode, startedAt, finishedAt, state } = container;
  const ended = state === 'exited' || state === 'dead' || state === 'restarting';
  return {
    id,
    name: container.name,
    project: spec.project,
    service: spec.serviceName,
    number: spec.number,
    oneOff: spec.oneOff,
    state,
    desired: container.desired,
    ...(state === 'running' || state === 'paused' ? { pid: 1000 + container.run } : {}),
    ...(ended && exitCode !== undefined ? { exitCode } : {}),
    oomKilled: false,
    ...(health === undefined ? {} : { health }),
    ...(health === 'unhealthy' && healthOutput !== undefined ? { healthOutput } : {}),
    restartCount: container.restartCount,
    image: spec.image,
    imageId: image.id,
    imageDigest: image.digest,
    labels: spec.labels,
    endpoints: spec.endpoints.map(({ network, aliases, ipv4Address, ipv6Address }) => ({
      network,
      ipv4: ipv4Address ?? `10.64.${networkIndex(network)}.${(Number.parseInt(id.slice(0, 6), 16) % 250) + 2}`,
      ...(ipv6Address === undefined ? {} : { ipv6: ipv6Address }),
      aliases,
    })),
    mounts: container.mounts,
    ports: publishedPorts(spec, id),
    argv: [...(spec.service.entrypoint ?? image.config.Entrypoint ?? []), ...(spec.service.command ?? image.config.Cmd ?? [])],
    createdAt: container.createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
}

/** Of a range the replica takes the port at its own place; an ephemeral port follows from the container's id. */
function publishedPorts(spec: ContainerSpec, id: string): readonly PublishedPort[] {
  return (spec.service.ports ?? []).map((port, index): PublishedPort => {
    const [first = '', last = first] = (port.published ?? '').split('-');
    const fixed =
      first === '' || first === '0'
        ? 32768 + ((Number.parseInt(id.slice(0, 6), 16) + index) % 28000)
        : Math.min(Number(first) + spec.number - 1, Number(last));
    return {
      hostIp: port.host_ip ?? '0.0.0.0',
      hostPort: fixed,
      containerPort: port.target,
      protocol: protocolIn(port.protocol),
    };
  });
}

function protocolIn(text = 'tcp'): PublishedPort['protocol'] {
  const protocol = text.toLowerCase();
  return protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp';
}

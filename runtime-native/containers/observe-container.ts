import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { ContainerState, ObservedContainer, PublishedPort } from '#core/observe/observed.ts';
import type { SupervisorStatus } from '#schemas/supervisor-protocol.ts';
import { initTarget } from '../bundle/mounts.ts';
import type { EngineContext } from '../engine-context.ts';
import { macOf } from '../network/endpoints.ts';
import { type HeldRow, readPublished } from '../network/published-rows.ts';
import { readNetworks, type StoredNetwork } from '../network/stored-network.ts';
import { containerStatus, killedExitCode } from './alive.ts';
import { type ContainerRow, readContainers } from './container-rows.ts';
import { isLost } from './lost-supervisor.ts';
import type { StoredMount } from './stored-container.ts';

/** What `observeContainer` needs of the database, read once for all containers. */
export interface ObservedTables {
  readonly networks: ReadonlyMap<string, StoredNetwork>;
  /** Leased addresses, key `<container> <network>`. */
  readonly leases: ReadonlyMap<string, readonly string[]>;
  readonly ports: ReadonlyMap<string, readonly HeldRow[]>;
}

/** Containers as the engine's callers see them, by name; without a project, all. */
export function observeContainers(context: EngineContext, project?: string): readonly ObservedContainer[] {
  const rows = readContainers(context.database, project);
  if (rows.length === 0) return [];
  const tables = readTables(context.database);
  return rows.filter((row) => !isGone(context, row)).map((row) => observeContainer(context, row, tables));
}

/** One that is removed at its end, has run and has ended: the next sweep takes it away. */
export function isGone(context: EngineContext, row: ContainerRow): boolean {
  if (row.stored.spec.autoRemove !== true) return false;
  const current = containerStatus(context, row.id);
  return current.kind === 'ended' && current.status.startedAt !== '';
}

export function readTables(database: DatabaseSync): ObservedTables {
  const leases = database.prepare('SELECT network, address, container FROM leases').all();
  return {
    networks: new Map(readNetworks(database).map((one) => [one.id, one])),
    leases: new Map(
      [...Map.groupBy(leases, (row) => `${String(row['container'])} ${String(row['network'])}`)].map(([key, list]) => [
        key,
        list.map((row) => String(row['address'])),
      ]),
    ),
    ports: Map.groupBy(readPublished(database), (row) => row.container),
  };
}

export function observeContainer(context: EngineContext, row: ContainerRow, tables: ObservedTables): ObservedContainer {
  const { stored } = row;
  const { spec, image } = stored;
  const current = containerStatus(context, row.id);
  const status = current.kind === 'none' ? undefined : current.status;
  const wasRebooted = row.desired === 'running' && !existsSync(context.paths.containerRun(row.id));
  const state =
    current.kind === 'none'
      ? isLost(context, row)
        ? 'dead'
        : wasRebooted
          ? 'exited'
          : 'created'
      : stateOf(current.kind, status);
  const isUp = current.kind === 'live';
  const failing = status?.health?.log.findLast((one) => one.exitCode !== 0);
  const argv = spec.service.init ? [initTarget, '--', ...stored.argv] : stored.argv;
  return {
    id: row.id,
    name: row.name,
    project: row.project,
    service: row.service,
    number: row.number,
    oneOff: row.oneOff,
    state,
    desired: row.desired,
    ...(isUp && status !== undefined && status.pid > 0 ? { pid: status.pid } : {}),
    ...exitCodeOf(state, status, current.kind),
    oomKilled: status?.oomKilled ?? false,
    ...(status?.error ? { error: status.error } : {}),
    ...(isUp && status?.health !== undefined ? { health: status.health.status } : {}),
    ...(status?.health?.status === 'unhealthy' && failing !== undefined ? { healthOutput: failing.output } : {}),
    restartCount: status?.restartCount ?? 0,
    image: spec.image,
    imageId: image.id,
    imageDigest: image.digest,
    labels: { ...image.config.Labels, ...spec.labels },
    endpoints: endpointsOf(row, { tables, isUp }),
    mounts: mountsOf(row),
    ports: portsOf(row, isUp ? (tables.ports.get(row.id) ?? []) : []),
    argv,
    createdAt: row.createdAt,
    ...(status?.startedAt ? { startedAt: status.startedAt } : {}),
    ...(status?.finishedAt ? { finishedAt: status.finishedAt } : {}),
  };
}

function stateOf(kind: 'live' | 'ended' | 'orphaned', status: SupervisorStatus | undefined): ContainerState {
  if (kind === 'orphaned') return 'dead';
  switch (status?.state) {
    case 'running':
    case 'stopping':
      return 'running';
    case 'paused':
      return 'paused';
    case 'restarting':
      return 'restarting';
    case 'starting':
      // The moment of a restart in which its process is made: it is not stopped, and "stop" must not pass it by.
      return status.restartCount > 0 ? 'restarting' : 'created';
    default:
      return 'exited';
  }
}

function exitCodeOf(state: ContainerState, status: SupervisorStatus | undefined, kind: string): { exitCode?: number } {
  if (state !== 'exited' && state !== 'dead' && state !== 'restarting') return {};
  return { exitCode: kind === 'orphaned' || status === undefined ? killedExitCode : status.exitCode };
}

function endpointsOf(
  row: ContainerRow,
  { tables, isUp }: { readonly tables: ObservedTables; readonly isUp: boolean },
): ObservedContainer['endpoints'] {
  return row.stored.networks.map(({ name, id }, index) => {
    const spec = row.stored.spec.endpoints[index];
    const network = tables.networks.get(id);
    const addresses = isUp ? (tables.leases.get(`${row.id} ${id}`) ?? []) : [];
    const ipv4 = addresses.find((one) => !one.includes(':'));
    const ipv6 = addresses.find((one) => one.includes(':'));
    const lease = (address: string) => ({ address, length: 0, gateway: '' });
    return {
      network: network?.name ?? name,
      ...(ipv4 === undefined ? {} : { ipv4 }),
      ...(ipv6 === undefined ? {} : { ipv6 }),
      ...(addresses.length === 0 || spec === undefined || network === undefined
        ? {}
        : {
            mac: macOf({
              spec,
              network,
              ...(ipv4 === undefined ? {} : { ipv4: lease(ipv4) }),
              ...(ipv6 === undefined ? {} : { ipv6: lease(ipv6) }),
            }),
          }),
      aliases: spec?.aliases ?? [],
    };
  });
}

function mountsOf(row: ContainerRow): ObservedContainer['mounts'] {
  return row.stored.mounts.map((mount) => ({
    type: mount.type,
    source: sourceOf(mount),
    target: mount.target,
    anonymous: mount.type === 'volume' && mount.anonymous,
    ...(mount.type !== 'image' && mount.readOnly ? { readOnly: true } : {}),
  }));
}

function sourceOf(mount: StoredMount): string {
  switch (mount.type) {
    case 'volume':
      return mount.volume;
    case 'bind':
      return mount.source;
    case 'image':
      return mount.image;
    case 'tmpfs':
      return '';
  }
}

/** Published ports while it runs, and what image and service expose without publishing. */
function portsOf(row: ContainerRow, held: readonly HeldRow[]): readonly PublishedPort[] {
  const published = held.map(({ hostIp, hostPort, containerPort, protocol }) => ({ hostIp, hostPort, containerPort, protocol }));
  const { service } = row.stored.spec;
  const exposed = new Set([
    ...Object.keys(row.stored.image.config.ExposedPorts ?? {}),
    ...(service.expose ?? []).flatMap(expandRange),
    ...(service.ports ?? []).map((one) => `${one.target}/${one.protocol ?? 'tcp'}`),
  ]);
  const missing = [...exposed].flatMap((text): readonly PublishedPort[] => {
    const [port = '', protocol = 'tcp'] = text.split('/');
    const containerPort = Number(port);
    if (!Number.isInteger(containerPort) || (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')) return [];
    if (published.some((one) => one.containerPort === containerPort && one.protocol === protocol)) return [];
    return [{ hostIp: '', containerPort, protocol }];
  });
  return [...published, ...missing].toSorted((a, b) => a.containerPort - b.containerPort);
}

function expandRange(text: string): readonly string[] {
  const [, first = '', last, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text) ?? [];
  if (first === '') return [];
  return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, index) => `${Number(first) + index}/${protocol}`);
}

import { mkdirSync } from 'node:fs';
import { hostname as hostName } from 'node:os';
import { dirname, join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { durationMs } from '#core/model/units.ts';
import type { LogConfig, SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import { buildBundle, seccompOf } from '../bundle/bundle.ts';
import { type CgroupFacts, containerCgroups } from '../bundle/cgroups.ts';
import { containerDevices } from '../bundle/devices.ts';
import { effectiveHealth } from '../bundle/health.ts';
import { type Limits, serviceLimits } from '../bundle/limits.ts';
import { logConfig } from '../bundle/logging.ts';
import type { OciConfig, OciSeccomp } from '../bundle/oci.ts';
import { restartPolicy } from '../bundle/restart.ts';
import { parseSeccompProfile, type SeccompProfile } from '../bundle/seccomp.ts';
import { securityOptions } from '../bundle/security.ts';
import { signalNumber } from '../bundle/signals.ts';
import type { DeviceEdits } from '../cdi/device-edits.ts';
import { deviceEdits, refusedDevices } from '../cdi/service-devices.ts';
import type { EngineContext } from '../engine-context.ts';
import { cgroupParent } from '../host/cgroup-parent.ts';
import { allDevices, deviceNumber, devicesOf } from '../host/devices.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { raiseRealtimeBudget } from '../host/realtime-budget.ts';
import { resolveAddress } from '../host/resolve-address.ts';
import { journalMaxBytes } from '../journal/journal-file.ts';
import { runtimeMode, selectRuntime } from '../runtime/select-runtime.ts';
import { containerStatus } from './alive.ts';
import type { Claim } from './claim.ts';
import { type ContainerRow, findContainer } from './container-rows.ts';
import { networkFiles, writeNetworkFiles } from './network-files.ts';
import { planNetwork } from './plan-network.ts';
import { prepareMounts } from './prepare-mounts.ts';
import { sharedMemory } from './shared-memory.ts';
import type { StoredContainer } from './stored-container.ts';

const defaultStopMs = 10_000;
const defaultStopSignal = 15;

export interface Launch {
  readonly config: OciConfig;
  readonly supervisor: SupervisorSpec;
  /** A filter that the runtime compiles at this start; undefined: none, or a ready-made one. */
  readonly newFilter: OciSeccomp | undefined;
}

/** Bundle and supervisor specification of one start. Writes the container's network files and mounts what the host must. */
export async function planLaunch(context: EngineContext, row: ContainerRow, claim: Claim): Promise<Launch> {
  const { paths } = context;
  const container = row.stored;
  const { spec, image } = container;
  const { service } = spec;
  const facts = context.facts();
  const stateDir = paths.containerState(row.id);
  const runDir = paths.containerRun(row.id);
  const runtime = selectRuntime(service.runtime, spec.serviceName);
  const mode = runtimeMode(runtime, facts.cgroups);
  const edits = offeredDevices(container, facts);
  const written = service.privileged ? allDevices() : (service.devices ?? []).flatMap(devicesOf);
  const devices = containerDevices({
    privileged: service.privileged ?? false,
    devices: [...new Map([...written, ...(edits?.nodes ?? [])].map((one) => [one.path, one])).values()],
    rules: service.device_cgroup_rules ?? [],
  });
  const limits = serviceLimits(service);
  const parent = cgroupParent(context.names, { asked: service.cgroup_parent, mode: facts.cgroups.mode });
  giveRealtimeBudget(row, { limits, parent, mounts: facts.cgroups.mounts });
  const cgroups = containerCgroups({
    id: row.id,
    parent,
    facts: facts.cgroups,
    limits,
    deviceRules: devices.rules,
    runtimeManages: mode.runtimeManages,
    deviceNumber,
  });
  const donor = spec.networkContainer;
  const hostname = containerHostname(context, row);
  const files =
    donor === undefined
      ? writeNetworkFiles({ container, claim, hostname, facts, stateDir })
      : networkFiles(paths.containerState(donor));
  const mounts = await prepareMounts(context, container);
  const shm = sharedMemory(context, row);
  const ipcPid = joinedPid(context, { id: spec.ipcContainer, name: row.name, what: 'IPC namespace' });
  const pidPid = joinedPid(context, { id: spec.pidContainer, name: row.name, what: 'process namespace' });
  const profile = seccompProfile(container);
  const filter = seccompOf(service, { ...facts, ...(profile === undefined ? {} : { seccompProfile: profile }) });
  const readyFilter = filter && runtime.kind === 'crun' ? context.seccompFilters(runtime.path).find(filter) : undefined;
  const config = buildBundle(container, {
    rootfs: join(runDir, 'rootfs'),
    hostname,
    architecture: facts.architecture,
    capabilities: facts.capabilities,
    kernelRelease: facts.kernelRelease,
    cgroupMode: facts.cgroups.mode,
    ...(mode.joinCgroups ? {} : { cgroupsPath: cgroups.path }),
    resources: mode.joinCgroups ? {} : cgroups.resources,
    devices: devices.nodes,
    mounts: {
      ...files,
      sources: mounts.sources,
      ...(shm === undefined ? {} : { shm }),
      ...(edits === undefined ? {} : { ofDevices: edits.mounts }),
      ...(service.init && facts.init !== undefined ? { init: facts.init } : {}),
    },
    ...(edits === undefined ? {} : { deviceEdits: edits }),
    ...(ipcPid === undefined ? {} : { ipcPid }),
    ...(pidPid === undefined ? {} : { pidPid }),
    ...(profile === undefined ? {} : { seccompProfile: profile }),
    ...(readyFilter === undefined ? {} : { seccompBpf: readyFilter }),
  });
  mkdirSync(paths.runtimeRoot, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(paths.journal(row.project)), { recursive: true, mode: 0o700 });
  const images = await context.images();
  const log = logConfig(service.logging, {
    path: join(stateDir, 'log'),
    helper: context.programs.helper,
    relay: context.programs.logRelay,
    name: row.name,
    id: row.id,
    imageId: image.id,
    imageName: spec.image,
    argv: container.argv,
    createdAt: row.createdAt,
    labels: { ...image.config.Labels, ...spec.labels },
    environment: config.process.env,
  });
  const restart = restartPolicy(service);
  if ('error' in log || restart === undefined) throw new Error('a specification that was refused has been stored');
  const health = effectiveHealth(service.healthcheck, image.config);
  const signal = signalNumber(service.stop_signal || image.config.StopSignal || '') ?? defaultStopSignal;
  const supervisor: SupervisorSpec = {
    version: 1,
    id: row.id,
    name: row.name,
    stateDir,
    runDir,
    rootfs: { lower: images.lowerDirectories(image.id), upper: join(stateDir, 'upper'), work: join(stateDir, 'work') },
    prepare: mounts.prepare,
    runtime: {
      kind: runtime.kind,
      path: runtime.path,
      root: paths.runtimeRoot,
      arguments: mode.arguments,
      joinCgroups: mode.joinCgroups,
      hideUnifiedCgroup: mode.hideUnifiedCgroup,
      ...(edits?.hooks['poststop'] === undefined ? {} : { hasEndHooks: true }),
    },
    cgroups: cgroups.cgroups,
    ...planNetwork(context, row, { claim, joinPid: joinedPid(context, { id: donor, name: row.name, what: 'network' }) }),
    events: { path: paths.journal(row.project), maxBytes: journalMaxBytes },
    process: { tty: service.tty ?? false, stdinOpen: service.stdin_open ?? false },
    log: await reachableLog(row, log),
    restart: row.oneOff ? { ...restart, policy: 'no' } : restart,
    stop: { signal, timeoutMs: service.stop_grace_period ? durationMs(service.stop_grace_period) : defaultStopMs },
    ...(health === undefined ? {} : { health }),
  };
  return { config, supervisor, newFilter: runtime.kind === 'crun' && readyFilter === undefined ? filter : undefined };
}

/** Name that the container calls itself; one that shares the network of another has its name, to which the shared hosts file points. */
export function containerHostname(context: EngineContext, row: ContainerRow): string {
  const { service, networkContainer } = row.stored.spec;
  const donor = networkContainer === undefined ? undefined : findContainer(context.database, networkContainer);
  if (donor !== undefined) return containerHostname(context, donor);
  if (service.hostname) return service.hostname;
  return service.uts === 'host' || service.network_mode === 'host' ? hostName() : row.id.slice(0, 12);
}

function giveRealtimeBudget(
  row: ContainerRow,
  { limits, parent, mounts }: { readonly limits: Limits; readonly parent: string; readonly mounts: CgroupFacts['mounts'] },
): void {
  const { cpuRealtimeRuntimeUs: runtimeUs, cpuRealtimePeriodUs: periodUs } = limits;
  const mount = mounts['cpu'];
  if (runtimeUs === undefined || mount === undefined) return;
  try {
    raiseRealtimeBudget({ mount, parent, child: row.id, runtimeUs, periodUs });
  } catch (error) {
    const reason = `the machine has no real-time left for "cpu_rt_runtime": ${error instanceof Error ? error.message : error}`;
    throw new TscomposeError(diagnose('engine.start-failed', { name: row.name, reason }), { cause: error });
  }
}

/** Process whose namespace is joined; it must run. */
function joinedPid(context: EngineContext, request: { id: string | undefined; name: string; what: string }): number | undefined {
  if (request.id === undefined) return undefined;
  const { kind, ...rest } = containerStatus(context, request.id);
  if (kind === 'live' && 'status' in rest && rest.status.pid > 0) return rest.status.pid;
  const donor = findContainer(context.database, request.id)?.name ?? request.id.slice(0, 12);
  const reason = `container "${donor}", whose ${request.what} it shares, is not running`;
  throw new TscomposeError(diagnose('engine.start-failed', { name: request.name, reason }));
}

async function reachableLog(row: ContainerRow, log: LogConfig): Promise<LogConfig> {
  if (!('server' in log)) return log;
  const { server } = log;
  try {
    return { ...log, server: { ...server, address: await resolveAddress(server.address) } };
  } catch (error) {
    const reason = `the log server "${server.address}" is not known: ${error instanceof Error ? error.message : String(error)}`;
    throw new TscomposeError(diagnose('engine.start-failed', { name: row.name, reason }), { cause: error });
  }
}

/** A device may have gone since the plan: Docker, too, looks for it at each start. */
function offeredDevices(container: StoredContainer, facts: HostFacts): DeviceEdits | undefined {
  const { serviceName, service } = container.spec;
  const refused = refusedDevices(serviceName, service, facts);
  if (refused.length > 0) throw new TscomposeError(refused);
  return deviceEdits(container, facts);
}

/** `null`: unconfined; undefined: the default profile. */
function seccompProfile(container: StoredContainer): SeccompProfile | null | undefined {
  if (securityOptions(container.spec.service).seccomp === 'unconfined') return null;
  return container.seccompProfile === undefined ? undefined : parseSeccompProfile(container.seccompProfile);
}

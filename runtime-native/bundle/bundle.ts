import type { Service } from '#core/model/project.ts';
import type { DeviceEdits } from '../cdi/device-edits.ts';
import type { StoredContainer } from '../containers/stored-container.ts';
import { capabilitySets, grantedCapabilities } from './capabilities.ts';
import { containerMounts, initTarget, type MountFacts } from './mounts.ts';
import type { OciConfig, OciDevice, OciProcess, OciSeccomp } from './oci.ts';
import { effectiveEnvironment, extendEnvironment, rlimits, unlimited } from './process.ts';
import { resolveSeccomp, type SeccompProfile } from './seccomp.ts';
import { defaultSeccompProfile } from './seccomp-default.ts';
import { maskedPaths, readonlyPaths, securityOptions } from './security.ts';

/** What the bundle depends on besides the container itself: looked up by the engine, so that this stays pure. */
export interface BundleFacts {
  readonly rootfs: string;
  readonly hostname: string;
  readonly architecture: string;
  /** What may be granted at most. */
  readonly capabilities: readonly string[];
  readonly kernelRelease: string;
  readonly cgroupMode: 'v1' | 'hybrid' | 'v2';
  readonly cgroupsPath?: string;
  readonly resources: Readonly<Record<string, unknown>>;
  readonly devices: readonly OciDevice[];
  readonly mounts: MountFacts;
  /** Of the service's CDI devices; their nodes are in `devices`, their mounts in `mounts`. */
  readonly deviceEdits?: DeviceEdits;
  /** Processes whose namespaces are joined. */
  readonly ipcPid?: number;
  readonly pidPid?: number;
  /** A profile of the user; absent: the default one. `null`: none. */
  readonly seccompProfile?: SeccompProfile | null;
  /** The filter, ready-made, base64. Beside the profile, which a runtime that does not know the annotation compiles. */
  readonly seccompBpf?: string;
}

/** The OCI configuration of a container. Pure; it lists no network namespace: the supervisor's child has joined it already. */
export function buildBundle(container: StoredContainer, facts: BundleFacts): OciConfig {
  const { service } = container.spec;
  const security = securityOptions(service);
  const seccomp = seccompOf(service, facts);
  const unmasked = service.privileged || security.systemPathsUnconfined;
  return {
    ociVersion: '1.0.2',
    process: buildProcess(container, facts),
    root: { path: facts.rootfs, readonly: service.read_only ?? false },
    ...(service.uts === 'host' ? {} : { hostname: facts.hostname }),
    mounts: containerMounts({ service, mounts: container.mounts, files: container.files, facts: facts.mounts }),
    linux: {
      namespaces: namespaces(service, facts),
      resources: facts.resources,
      ...(facts.cgroupsPath === undefined ? {} : { cgroupsPath: facts.cgroupsPath }),
      devices: facts.devices,
      sysctl: sysctls(service),
      ...(seccomp === undefined ? {} : { seccomp }),
      maskedPaths: unmasked ? [] : maskedPaths,
      readonlyPaths: unmasked ? [] : readonlyPaths,
      ...rootPropagation(container),
    },
    annotations: {
      ...service.annotations,
      ...(seccomp === undefined || facts.seccompBpf === undefined ? {} : { 'run.oci.seccomp_bpf_data': facts.seccompBpf }),
    },
    ...(facts.deviceEdits === undefined ? {} : { hooks: facts.deviceEdits.hooks }),
  };
}

/** The `process` of the container; `exec` starts from it too. */
export function buildProcess(
  container: StoredContainer,
  facts: Pick<BundleFacts, 'hostname' | 'mounts' | 'capabilities' | 'deviceEdits'>,
): OciProcess {
  const { service } = container.spec;
  const { user, image } = container;
  const security = securityOptions(service);
  const granted = grantedCapabilities({
    add: service.cap_add,
    drop: service.cap_drop,
    privileged: service.privileged,
    available: facts.capabilities,
  });
  const init = facts.mounts.init === undefined ? [] : [initTarget, '--'];
  const env = effectiveEnvironment({
    image: image.config,
    environment: service.environment,
    hostname: facts.hostname,
    home: user.home,
    tty: service.tty ?? false,
  });
  return {
    terminal: service.tty ?? false,
    user: { uid: user.uid, gid: user.gid, additionalGids: additionalGroups(user, facts.deviceEdits) },
    args: [...init, ...container.argv],
    env: extendEnvironment(env, facts.deviceEdits?.env ?? []),
    cwd: service.working_dir || image.config.WorkingDir || '/',
    capabilities: capabilitySets(granted, user.uid),
    rlimits: rlimits(service.ulimits),
    noNewPrivileges: security.noNewPrivileges,
    ...(security.apparmor === undefined || security.apparmor === 'unconfined' ? {} : { apparmorProfile: security.apparmor }),
    ...(service.oom_score_adj === undefined ? {} : { oomScoreAdj: service.oom_score_adj }),
  };
}

/**
 * Supplementary groups of a process: its primary group too, so that a program which changes that one cannot leave what is refused to
 * the group behind (CVE-2022-36109), those of the user, and those that the container's devices need.
 */
export function additionalGroups(
  { gid, groups }: { readonly gid: number; readonly groups: readonly number[] },
  edits: DeviceEdits | undefined,
): readonly number[] {
  return [...new Set([gid, ...groups, ...(edits?.groups ?? [])])];
}

/** The seccomp filter that applies, resolved for this host; undefined for privileged and `seccomp=unconfined`. */
export function seccompOf(
  service: Service,
  facts: Pick<BundleFacts, 'architecture' | 'capabilities' | 'kernelRelease' | 'seccompProfile'>,
): OciSeccomp | undefined {
  if (service.privileged || facts.seccompProfile === null) return undefined;
  const capabilities = grantedCapabilities({ add: service.cap_add, drop: service.cap_drop, available: facts.capabilities });
  const { architecture, kernelRelease } = facts;
  return resolveSeccomp(facts.seccompProfile ?? defaultSeccompProfile, { capabilities, architecture, kernelRelease });
}

/** JSON text of a configuration; RLIM_INFINITY is beyond a double's exact range and is written by hand. */
export function bundleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(`:${unlimited}`, ':18446744073709551615');
}

function namespaces(service: Service, facts: BundleFacts): readonly { type: string; path?: string }[] {
  const list: { type: string; path?: string }[] = [{ type: 'mount' }];
  if (service.uts !== 'host') list.push({ type: 'uts' });
  if (facts.ipcPid !== undefined) list.push({ type: 'ipc', path: `/proc/${facts.ipcPid}/ns/ipc` });
  else if (service.ipc !== 'host') list.push({ type: 'ipc' });
  if (facts.pidPid !== undefined) list.push({ type: 'pid', path: `/proc/${facts.pidPid}/ns/pid` });
  else if (service.pid !== 'host') list.push({ type: 'pid' });
  const privateCgroup =
    service.cgroup === undefined ? facts.cgroupMode === 'v2' && !service.privileged : service.cgroup === 'private';
  if (privateCgroup) list.push({ type: 'cgroup' });
  return list;
}

/** A slave bind only receives mounts when the root itself is not private. */
function rootPropagation(container: StoredContainer): { rootfsPropagation?: string } {
  const isSlave = container.mounts.some((one) => one.type === 'bind' && /slave$/.test(one.propagation ?? ''));
  return isSlave ? { rootfsPropagation: 'rslave' } : {};
}

/** Settings the runtime writes; those under `net.` are the supervisor's. A domain name goes this way: runc 1.1 ignores the field. */
function sysctls(service: Service): Readonly<Record<string, string>> {
  const own = Object.entries(service.sysctls ?? {}).filter(([key]) => !key.startsWith('net.'));
  const domain = service.domainname && service.uts !== 'host' ? { 'kernel.domainname': service.domainname } : {};
  return { ...domain, ...Object.fromEntries(own) };
}

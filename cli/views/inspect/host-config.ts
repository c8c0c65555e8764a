import type { ContainerDetails } from '#core/engine/details.ts';
import type { DeviceRequest, Service } from '#core/model/project.ts';
import { byteCount } from '#core/model/units.ts';

const nanoCpus = 1e9;
/** What the engine gives where nothing is written. */
const defaultShmBytes = 64 * 1024 * 1024;

/** `.HostConfig` of `docker inspect`. */
export function hostConfig({ spec, mounts, networks }: ContainerDetails): object {
  const { service } = spec;
  return {
    Binds: bindsOf(mounts),
    ContainerIDFile: '',
    LogConfig: { Type: service.logging?.driver ?? 'json-file', Config: service.logging?.options ?? {} },
    NetworkMode: networkMode(spec, networks[0]?.name),
    PortBindings: portBindings(service),
    RestartPolicy: restartPolicy(service),
    AutoRemove: spec.autoRemove ?? false,
    VolumeDriver: '',
    VolumesFrom: null,
    CapAdd: service.cap_add ?? null,
    CapDrop: service.cap_drop ?? null,
    CgroupnsMode: service.cgroup ?? 'private',
    Dns: service.dns ?? [],
    DnsOptions: service.dns_opt ?? [],
    DnsSearch: service.dns_search ?? [],
    ExtraHosts: (service.extra_hosts ?? []).map((one) => one.replace('=', ':')),
    GroupAdd: service.group_add ?? null,
    IpcMode: sharedMode(service.ipc, spec.ipcContainer) || 'private',
    Cgroup: '',
    Links: null,
    OomScoreAdj: service.oom_score_adj ?? 0,
    PidMode: sharedMode(service.pid, spec.pidContainer),
    Privileged: service.privileged ?? false,
    PublishAllPorts: false,
    ReadonlyRootfs: service.read_only ?? false,
    SecurityOpt: service.security_opt ?? null,
    ...(service.storage_opt === undefined ? {} : { StorageOpt: service.storage_opt }),
    ...(service.tmpfs === undefined ? {} : { Tmpfs: tmpfs(service.tmpfs) }),
    UTSMode: service.uts ?? '',
    UsernsMode: service.userns_mode ?? '',
    ShmSize: bytes(service.shm_size) || defaultShmBytes,
    ...(service.sysctls === undefined ? {} : { Sysctls: service.sysctls }),
    Runtime: service.runtime ?? 'crun',
    ...limits(service),
    Annotations: service.annotations ?? {},
    Init: service.init ?? false,
  };
}

function limits(service: Service): object {
  const written = service.deploy?.resources.limits;
  const memory = bytes(written?.memory ?? service.mem_limit);
  const cpus = written?.cpus ?? service.cpus ?? 0;
  return {
    CpuShares: service.cpu_shares ?? 0,
    Memory: memory,
    NanoCpus: Math.round(cpus * 100) * (nanoCpus / 100),
    CgroupParent: service.cgroup_parent ?? '',
    CpuPeriod: service.cpu_period ?? 0,
    CpuQuota: service.cpu_quota ?? 0,
    CpusetCpus: service.cpuset ?? '',
    Devices: (service.devices ?? []).filter(isNode).map((one) => ({
      PathOnHost: one.source,
      PathInContainer: one.target,
      CgroupPermissions: one.permissions ?? 'rwm',
    })),
    DeviceRequests: deviceRequests(service),
    DeviceCgroupRules: service.device_cgroup_rules ?? null,
    CpuRealtimePeriod: service.cpu_rt_period ?? 0,
    CpuRealtimeRuntime: service.cpu_rt_runtime ?? 0,
    ...blockLimits(service),
    MemorySwappiness: service.mem_swappiness === undefined ? null : bytes(service.mem_swappiness),
    MemoryReservation: bytes(service.deploy?.resources.reservations?.memory ?? service.mem_reservation),
    MemorySwap: bytes(service.memswap_limit) || memory * 2,
    OomKillDisable: service.oom_kill_disable ?? false,
    PidsLimit: written?.pids ?? service.pids_limit ?? null,
    Ulimits: Object.entries(service.ulimits ?? {}).map(([name, value]) => ({
      Name: name,
      Soft: typeof value === 'number' ? value : value.soft,
      Hard: typeof value === 'number' ? value : value.hard,
    })),
  };
}

function blockLimits({ blkio_config: blkio = {} }: Service): object {
  const rates = (list: typeof blkio.device_read_bps) =>
    (list ?? []).map(({ path, rate }) => ({ Path: path, Rate: Number(rate) }));
  return {
    BlkioWeight: blkio.weight ?? 0,
    BlkioWeightDevice: (blkio.weight_device ?? []).map(({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: rates(blkio.device_read_bps),
    BlkioDeviceReadIOps: rates(blkio.device_read_iops),
    BlkioDeviceWriteBps: rates(blkio.device_write_bps),
    BlkioDeviceWriteIOps: rates(blkio.device_write_iops),
  };
}

/** A device of the host, not one by its CDI name. */
function isNode({ source }: { readonly source: string }): boolean {
  return source.startsWith('/');
}

/** CDI names, as Docker has them, are a request of the driver `cdi`. */
function deviceRequests(service: Service): readonly object[] | null {
  const request = (one: DeviceRequest, capabilities: readonly string[]) => ({
    Driver: one.driver ?? '',
    Count: one.count ?? 0,
    DeviceIDs: one.device_ids ?? null,
    Capabilities: [capabilities],
    Options: one.options ?? {},
  });
  const names = (service.devices ?? []).filter((one) => !isNode(one)).map((one) => one.source);
  const requests = [
    ...(names.length === 0 ? [] : [request({ driver: 'cdi', device_ids: names }, [])]),
    ...(service.gpus ?? []).map((one) => request(one, ['gpu', ...(one.capabilities ?? [])])),
    ...(service.deploy?.resources.reservations?.devices ?? []).map((one) => request(one, one.capabilities ?? [])),
  ];
  return requests.length === 0 ? null : requests;
}

function bindsOf(mounts: ContainerDetails['mounts']): readonly string[] | null {
  const binds = mounts
    .filter((one) => one.type === 'bind' || (one.type === 'volume' && one.name !== undefined))
    .map((one) => `${one.type === 'volume' ? one.name : one.source}:${one.target}:${one.readOnly ? 'ro' : 'rw'}`);
  return binds.length === 0 ? null : binds;
}

function networkMode(spec: ContainerDetails['spec'], first: string | undefined): string {
  if (spec.networkContainer !== undefined) return `container:${spec.networkContainer}`;
  return spec.service.network_mode ?? first ?? 'none';
}

function sharedMode(mode: string | undefined, donor: string | undefined): string {
  return donor === undefined ? (mode ?? '') : `container:${donor}`;
}

function portBindings(service: Service): Record<string, readonly object[]> {
  const groups = Map.groupBy(service.ports ?? [], (one) => `${one.target}/${one.protocol ?? 'tcp'}`);
  return Object.fromEntries(
    [...groups].map(([key, list]) => [key, list.map((one) => ({ HostIp: one.host_ip ?? '', HostPort: one.published ?? '' }))]),
  );
}

/** `deploy.restart_policy` takes the place of `restart`. */
function restartPolicy(service: Service): object {
  const written = service.deploy?.restart_policy;
  if (written !== undefined) {
    const names: Readonly<Record<string, string>> = { any: 'always', none: 'no', '': 'always' };
    const condition = written.condition ?? '';
    return { Name: names[condition] ?? condition, MaximumRetryCount: written.max_attempts ?? 0 };
  }
  const [name = 'no', retries = '0'] = (service.restart ?? 'no').split(':');
  return { Name: name, MaximumRetryCount: Number(retries) };
}

function tmpfs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text.split(':')[0] ?? '', text.split(':').slice(1).join(':')]));
}

function bytes(text: string | undefined): number {
  return text === undefined ? 0 : byteCount(text);
}

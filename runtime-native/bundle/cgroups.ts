import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import type { DeviceNumber } from './devices.ts';
import type { Limits } from './limits.ts';
import type { OciDeviceRule } from './oci.ts';

/** What the host mounts. `hybrid`: v1 controllers and an (almost) empty v2 tree. */
export interface CgroupFacts {
  readonly mode: 'v1' | 'hybrid' | 'v2';
  /** Controller name → mount point; `unified` for the v2 tree. */
  readonly mounts: Readonly<Record<string, string>>;
  /** Whether blkio.weight (v1) or io.weight (v2) exists. */
  readonly hasBlkioWeight: boolean;
  /** Whether groups have real-time limits: v1, and a kernel with real-time group scheduling. */
  readonly hasRealtimeLimits: boolean;
}

export interface CgroupRequest {
  readonly id: string;
  /** Parent directory below each mount point, see `host/cgroup-parent.ts`. */
  readonly parent: string;
  readonly facts: CgroupFacts;
  readonly limits: Limits;
  readonly deviceRules: readonly OciDeviceRule[];
  /** The runtime creates and fills the cgroups itself (runc always; crun on v2). */
  readonly runtimeManages: boolean;
  /** Device number of a host path, for block device limits. */
  readonly deviceNumber: (path: string) => DeviceNumber | undefined;
}

type Cgroup = SupervisorSpec['cgroups'][number];
type Write = Cgroup['writes'][number];

/**
 * Cgroups of one container. Where the runtime manages them, the list only tells the supervisor where they are (cleanup,
 * OOM, freezer) and `resources` holds the limits; otherwise the supervisor makes them with the writes given here.
 */
export function containerCgroups(request: CgroupRequest): {
  cgroups: readonly Cgroup[];
  resources: Record<string, unknown>;
  path: string;
} {
  const { facts, parent, id } = request;
  const path = `/${parent}/${id}`;
  const devices = request.deviceRules;
  if (!request.runtimeManages) {
    const wanted = ['devices', 'pids', 'memory', 'freezer', ...optionalControllers(request)];
    const cgroups = wanted
      .filter((name) => facts.mounts[name] !== undefined)
      .map((name) => ({ controller: name, path: `${facts.mounts[name]}${path}`, writes: controllerWrites(name, request) }));
    return { cgroups, resources: { devices }, path };
  }
  const cgroups = Object.entries(facts.mounts).map(([controller, mount]) => ({
    controller,
    path: `${mount}${path}`,
    writes: [],
  }));
  return { cgroups, resources: { devices, ...ociResources(request) }, path };
}

function optionalControllers({ limits }: CgroupRequest): readonly string[] {
  const wanted: string[] = [];
  if (limits.cpuShares || limits.cpuPeriodUs || limits.cpuQuotaUs || limits.cpuRealtimeRuntimeUs || limits.cpuRealtimePeriodUs) {
    wanted.push('cpu');
  }
  if (limits.cpuset) wanted.push('cpuset');
  if (limits.blkio) wanted.push('blkio');
  return wanted;
}

function controllerWrites(name: string, request: CgroupRequest): readonly Write[] {
  const { limits } = request;
  switch (name) {
    case 'devices':
      return deviceWrites(request.deviceRules);
    case 'pids':
      return write('pids.max', limits.pids);
    case 'memory':
      return [
        ...write('memory.limit_in_bytes', limits.memoryBytes),
        // Absent without swap accounting.
        ...write('memory.memsw.limit_in_bytes', limits.memorySwapBytes).map((one) => ({ ...one, ignoreErrors: true })),
        ...write('memory.soft_limit_in_bytes', limits.memoryReservationBytes),
        ...write('memory.swappiness', limits.swappiness),
        ...(limits.oomKillDisable ? write('memory.oom_control', 1) : []),
      ];
    case 'cpu':
      return [
        ...write('cpu.shares', limits.cpuShares),
        ...write('cpu.cfs_period_us', limits.cpuPeriodUs),
        ...write('cpu.cfs_quota_us', limits.cpuQuotaUs),
        ...write('cpu.rt_period_us', limits.cpuRealtimePeriodUs),
        ...write('cpu.rt_runtime_us', limits.cpuRealtimeRuntimeUs),
      ];
    case 'cpuset':
      return write('cpuset.cpus', limits.cpuset);
    case 'blkio':
      return blkioWrites(request);
    default:
      return [];
  }
}

function deviceWrites(rules: readonly OciDeviceRule[]): readonly Write[] {
  return rules.map((rule) => ({
    file: rule.allow ? 'devices.allow' : 'devices.deny',
    value: rule.type === undefined ? 'a' : `${rule.type} ${rule.major ?? '*'}:${rule.minor ?? '*'} ${rule.access}`,
  }));
}

function blkioWrites({ limits, deviceNumber }: CgroupRequest): readonly Write[] {
  const blkio = limits.blkio ?? {};
  const throttle = (file: string, list: readonly { path: string; rate: string }[] | undefined): readonly Write[] =>
    (list ?? []).flatMap((one) => forDevice(file, deviceNumber(one.path), one.rate));
  return [
    ...write('blkio.weight', blkio.weight),
    ...(blkio.weight_device ?? []).flatMap((one) => forDevice('blkio.weight_device', deviceNumber(one.path), one.weight)),
    ...throttle('blkio.throttle.read_bps_device', blkio.device_read_bps),
    ...throttle('blkio.throttle.read_iops_device', blkio.device_read_iops),
    ...throttle('blkio.throttle.write_bps_device', blkio.device_write_bps),
    ...throttle('blkio.throttle.write_iops_device', blkio.device_write_iops),
  ];
}

/** `linux.resources` without devices (runtime-spec, config-linux.md "Control groups"). */
function ociResources({ limits, deviceNumber }: CgroupRequest): Record<string, unknown> {
  const throttle = (list: readonly { path: string; rate: string }[] | undefined) =>
    (list ?? []).flatMap((one) => {
      const number = deviceNumber(one.path);
      return number === undefined ? [] : [{ ...number, rate: Number(one.rate) }];
    });
  const blkio = limits.blkio;
  return {
    memory: {
      limit: limits.memoryBytes,
      swap: limits.memorySwapBytes,
      reservation: limits.memoryReservationBytes,
      swappiness: limits.swappiness,
      ...(limits.oomKillDisable ? { disableOOMKiller: true } : {}),
    },
    cpu: {
      shares: limits.cpuShares,
      quota: limits.cpuQuotaUs,
      period: limits.cpuPeriodUs,
      realtimeRuntime: limits.cpuRealtimeRuntimeUs,
      realtimePeriod: limits.cpuRealtimePeriodUs,
      cpus: limits.cpuset,
    },
    ...(limits.pids === undefined ? {} : { pids: { limit: limits.pids } }),
    ...(blkio === undefined
      ? {}
      : {
          blockIO: {
            weight: blkio.weight,
            weightDevice: (blkio.weight_device ?? []).flatMap((one) => {
              const number = deviceNumber(one.path);
              return number === undefined ? [] : [{ ...number, weight: one.weight }];
            }),
            throttleReadBpsDevice: throttle(blkio.device_read_bps),
            throttleReadIOPSDevice: throttle(blkio.device_read_iops),
            throttleWriteBpsDevice: throttle(blkio.device_write_bps),
            throttleWriteIOPSDevice: throttle(blkio.device_write_iops),
          },
        }),
  };
}

function write(file: string, value: number | string | undefined): readonly Write[] {
  return value === undefined ? [] : [{ file, value: String(value) }];
}

/** A device that went away since the container was made has no limit: no line for it. */
function forDevice(file: string, number: DeviceNumber | undefined, value: string | number): readonly Write[] {
  return number === undefined ? [] : [{ file, value: `${number.major}:${number.minor} ${value}` }];
}

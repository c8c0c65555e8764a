import type { BlkioConfig, Service } from '#core/model/project.ts';
import { byteCount } from '#core/model/units.ts';

/** Resource limits of one container in kernel units; absent: not limited. */
export interface Limits {
  readonly memoryBytes?: number;
  /** Memory and swap together; -1: unlimited. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly swappiness?: number;
  readonly oomKillDisable: boolean;
  readonly cpuShares?: number;
  readonly cpuPeriodUs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpuRealtimePeriodUs?: number;
  readonly cpuRealtimeRuntimeUs?: number;
  readonly cpuset?: string;
  readonly pids?: number;
  readonly blkio?: BlkioConfig;
}

const defaultPeriodUs = 100_000;

/** Limits of a service: `deploy.resources` replaces the older fields, swap defaults to twice the memory, as Docker does. */
export function serviceLimits(service: Service): Limits {
  const limits = service.deploy?.resources.limits;
  const reservations = service.deploy?.resources.reservations;
  const memory = bytes(limits?.memory ?? service.mem_limit);
  const swap = bytes(service.memswap_limit) ?? (memory === undefined ? undefined : memory * 2);
  const cpus = limits?.cpus ?? service.cpus;
  const pids = limits?.pids ?? service.pids_limit;
  const swappiness = service.mem_swappiness === undefined ? undefined : byteCount(service.mem_swappiness);
  return defined({
    memoryBytes: memory,
    memorySwapBytes: swap,
    memoryReservationBytes: bytes(reservations?.memory ?? service.mem_reservation),
    swappiness,
    oomKillDisable: service.oom_kill_disable ?? false,
    cpuShares: positive(service.cpu_shares),
    cpuPeriodUs: cpus ? defaultPeriodUs : positive(service.cpu_period),
    // float32 in the model: round away its noise (0.1 is 0.10000000149).
    cpuQuotaUs: cpus ? Math.round(cpus * defaultPeriodUs) : positive(service.cpu_quota),
    cpuRealtimePeriodUs: positive(service.cpu_rt_period),
    cpuRealtimeRuntimeUs: positive(service.cpu_rt_runtime),
    cpuset: service.cpuset === '' ? undefined : service.cpuset,
    pids: pids === undefined || pids <= 0 ? undefined : pids,
    blkio: service.blkio_config,
  });
}

function bytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = byteCount(text);
  return count === 0 ? undefined : count;
}

function positive(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : value;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

/** Drops keys whose value is undefined, for `exactOptionalPropertyTypes`. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

import type { Service } from '#core/model/project.ts';
import type { DetailFacts, Report } from './refusal.ts';

/** The kernel's own. */
const defaultRealtimePeriodUs = 1_000_000;

/** Limits that this kernel cannot hold, or that contradict each other. */
export function refusedLimits(service: Service, { report, facts }: { report: Report; facts: DetailFacts }): void {
  const { unsupported, invalid } = report;
  const cpus = service.deploy?.resources.limits?.cpus ?? service.cpus;
  for (const key of ['cpu_period', 'cpu_quota'] as const) {
    if (cpus && service[key]) invalid(key, 'it contradicts "cpus", which sets period and quota both; keep one of them');
  }
  if ((service.cgroup_parent ?? '').split('/').includes('..'))
    invalid('cgroup_parent', 'a ".." in it would lead out of the tree of cgroups');
  if (service.ipc === 'shareable' && service.shm_size)
    unsupported('shm_size', 'shared memory that others join has no size limit');
  refusedBlockLimits(service, { report, facts });
  for (const key of ['cpu_rt_runtime', 'cpu_rt_period'] as const) {
    if (service[key] && !facts.cgroups.hasRealtimeLimits) unsupported(key, 'this kernel has no real-time limits of groups');
  }
  if ((service.cpu_rt_runtime ?? 0) > (service.cpu_rt_period || defaultRealtimePeriodUs))
    invalid('cpu_rt_runtime', 'it is longer than "cpu_rt_period"');
  if (facts.cgroups.mode !== 'v2') return;
  if (service.mem_swappiness) unsupported('mem_swappiness', 'cgroups v2 have no swappiness');
  if (service.oom_kill_disable) unsupported('oom_kill_disable', 'cgroups v2 cannot disable the OOM killer');
}

function refusedBlockLimits(service: Service, { report, facts }: { report: Report; facts: DetailFacts }): void {
  const blkio = service.blkio_config;
  if (blkio === undefined) return;
  if (blkio.weight && !facts.cgroups.hasBlkioWeight) report.unsupported('blkio_config.weight', 'this kernel has no I/O weights');
  if (blkio.weight_device?.length && !facts.cgroups.hasBlkioWeight)
    report.unsupported('blkio_config.weight_device', 'this kernel has no I/O weights');
  const keys = ['weight_device', 'device_read_bps', 'device_read_iops', 'device_write_bps', 'device_write_iops'] as const;
  for (const key of keys) {
    for (const { path } of blkio[key] ?? []) {
      if (facts.kindOf(path) !== 'block') report.invalid(`blkio_config.${key}`, `"${path}" is no block device of this machine`);
    }
  }
}

import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupFacts } from '../bundle/cgroups.ts';

/** Reads which cgroup hierarchies this host mounts. `mounts` is the text of /proc/self/mountinfo, for tests. */
export function cgroupMounts(mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): CgroupFacts {
  const mounts: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, target = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root !== '/' || !target.startsWith('/sys/fs/cgroup')) continue;
    if (type === 'cgroup2') unified = target;
    if (type === 'cgroup') {
      for (const option of options.split(',')) {
        const name = option.startsWith('name=') ? option.slice('name='.length) : option;
        if (option.startsWith('name=') || controllers.has(option)) mounts[name] = target;
      }
    }
  }
  if (unified !== undefined) mounts['unified'] = unified;
  const hasV1 = Object.keys(mounts).some((name) => controllers.has(name));
  const mode = !hasV1 ? 'v2' : unified === undefined ? 'v1' : 'hybrid';
  return {
    mode,
    mounts,
    hasBlkioWeight: mode === 'v2' || existsSync(join(mounts['blkio'] ?? '/', 'blkio.weight')),
    hasRealtimeLimits: existsSync(join(mounts['cpu'] ?? '/', 'cpu.rt_runtime_us')),
  };
}

/** Removes a directory of each hierarchy in which it is empty; somebody's children or processes keep it. */
export function removeEmptyGroups(mounts: CgroupFacts['mounts'], group: string): void {
  for (const mount of new Set(Object.values(mounts))) {
    try {
      rmdirSync(join(mount, group));
    } catch {
      // Never made, or in use: both are fine.
    }
  }
}

const controllers = new Set(
  'cpu cpuacct cpuset memory devices freezer blkio pids net_cls net_prio perf_event hugetlb rdma misc'.split(' '),
);

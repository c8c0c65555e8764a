import type { InstanceNames } from './instance-names.ts';

/** Directory below each cgroup mount in which a service's containers have theirs: its `cgroup_parent`, else that of the engine. */
export function cgroupParent(names: InstanceNames, asked: string | undefined): string {
  const parts = (asked ?? '').split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 ? names.cgroupParent : parts.join('/');
}

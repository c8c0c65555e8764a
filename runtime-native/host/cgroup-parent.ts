import type { CgroupFacts } from '../bundle/cgroups.ts';
import type { InstanceNames } from './instance-names.ts';

/**
 * Directory below each cgroup mount in which a service's containers have theirs: its `cgroup_parent`, else that of the engine. In v2
 * the engine's stands below the asked one, too: systemd takes controllers, and with them limits, from children of its slices that
 * it does not know, as often as it is reloaded. The kernel keeps them where a child hands them on to children of its own.
 */
export function cgroupParent(
  names: Pick<InstanceNames, 'cgroupParent'>,
  { asked, mode }: { readonly asked: string | undefined; readonly mode: CgroupFacts['mode'] },
): string {
  const parts = (asked ?? '').split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return (parts.length === 0 || mode === 'v2' ? [...parts, names.cgroupParent] : parts).join('/');
}

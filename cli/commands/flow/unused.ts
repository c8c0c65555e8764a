import type { DiskUsage } from '#core/engine/store.ts';

/** What `system prune` would remove. */
export interface Unused {
  readonly containers: DiskUsage['containers'];
  readonly networks: DiskUsage['networks'];
  readonly volumes: DiskUsage['volumes'];
}

/**
 * Containers that do not run, and networks and anonymous volumes that then nobody needs; of some stacks, or of all. A volume
 * with a name holds what somebody wanted to keep.
 */
export function findUnused(
  usage: DiskUsage,
  wish: { readonly stacks: readonly string[]; readonly withVolumes: boolean },
): Unused {
  const isMeant = ({ project }: { readonly project?: string }): boolean =>
    wish.stacks.length === 0 || (project !== undefined && wish.stacks.includes(project));
  const containers = usage.containers.filter(
    (one) => isMeant(one) && (one.state === 'created' || one.state === 'exited' || one.state === 'dead'),
  );
  const going = new Set(containers.map((one) => one.name));
  const isFree = (users: readonly string[]): boolean => users.every((name) => going.has(name));
  return {
    containers,
    networks: usage.networks.filter((one) => one.project !== undefined && isMeant(one) && isFree(one.usedBy)),
    volumes: wish.withVolumes ? usage.volumes.filter((one) => one.anonymous && isMeant(one) && isFree(one.usedBy)) : [],
  };
}

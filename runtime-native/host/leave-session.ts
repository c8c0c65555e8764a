import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupFacts } from '../bundle/cgroups.ts';

/** In each of those trees, for the supervisors of all state roots. */
export const supervisorGroup = 'tscompose-supervisors';

/**
 * Moves a process, and with it all that it will start, out of the control group of the session or unit that the command runs in:
 * where that ends, systemd kills what is left in it, and supervisors must live as long as their containers. Only the trees by
 * which systemd tells units apart are left: v2, and the one named `systemd` of v1.
 */
export function leaveSession(
  pid: number,
  facts: Pick<CgroupFacts, 'mounts'>,
  isSystemd = existsSync('/run/systemd/system'),
): void {
  if (!isSystemd) return;
  for (const tree of [facts.mounts['unified'], facts.mounts['systemd']]) {
    if (tree === undefined) continue;
    try {
      mkdirSync(join(tree, supervisorGroup), { recursive: true });
      writeFileSync(join(tree, supervisorGroup, 'cgroup.procs'), String(pid));
    } catch (error) {
      // In a container the tree may be read-only or somebody else's: then there is no session that could end before us.
      if (!(error instanceof Error && 'code' in error && refused.has(String(error.code)))) throw error;
    }
  }
}

const refused = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EBUSY', 'EOPNOTSUPP', 'ESRCH']);

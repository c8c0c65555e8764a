import { createHash } from 'node:crypto';

/** Names in kernel-wide name spaces; another `TSCOMPOSE_ROOT` gets others, so that two instances never meet. */
export interface InstanceNames {
  /** Directory below each cgroup mount. */
  readonly cgroupParent: string;
  readonly nftTable: string;
}

/** Names of the engine with this state root. */
export function instanceNames(root: string): InstanceNames {
  const suffix = root === '/var/lib/tscompose' ? '' : `-${createHash('sha256').update(root).digest('hex').slice(0, 6)}`;
  return { cgroupParent: `tscompose${suffix}`, nftTable: `tscompose${suffix}` };
}

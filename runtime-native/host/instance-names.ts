import { createHash } from 'node:crypto';

/** Names in kernel-wide name spaces; another `TSCOMPOSE_ROOT` gets others, so that two instances never meet. */
export interface InstanceNames {
  /** Directory below each cgroup mount. */
  readonly cgroupParent: string;
  readonly nftTable: string;
  /** Where the search for a network's addresses begins, see `chooseSubnet`. */
  readonly poolStart: number;
}

/** Names of the engine with this state root. */
export function instanceNames(root: string): InstanceNames {
  const isDefault = root === '/var/lib/tscompose';
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 6);
  const name = isDefault ? 'tscompose' : `tscompose-${digest}`;
  return { cgroupParent: name, nftTable: name, poolStart: isDefault ? 0 : Number.parseInt(digest, 16) };
}

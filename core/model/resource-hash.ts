import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Network, Volume } from './project.ts';

/** Hash of all that a network is made from, `<version>-<sha256>`; defaults written out count like defaults left out. */
export function networkHash(network: Network): string {
  return hash({ ...network, driver: network.driver ?? 'bridge', external: undefined, ipam: network.ipam ?? {} });
}

/** Hash of all that a volume is made from, `<version>-<sha256>`. */
export function volumeHash(volume: Volume): string {
  return hash({ ...volume, driver: volume.driver ?? 'local', external: undefined });
}

function hash(definition: object): string {
  return `1-${createHash('sha256').update(canonicalJson(definition)).digest('hex')}`;
}

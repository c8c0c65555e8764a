import { join } from 'node:path';
import { type LockHolder, lockFile } from '../../host/file-lock.ts';
import { digestHex } from '../digest.ts';
import type { ImageStoreContext } from '../image-store-context.ts';

/** Layers that this pull is at work on, until it is disposed of; pulls of other processes wait for them. */
export interface LayerClaims extends AsyncDisposable {
  /** Resolves when the layer is ours, or somebody else has brought it. */
  claim(chainId: string): Promise<void>;
}

/** Claims must be made from the lowest layer up: then no two pulls wait for each other. */
export function layerClaims(
  context: ImageStoreContext,
  options: { readonly onWait: (holder: LockHolder) => void; readonly signal?: AbortSignal | undefined },
): LayerClaims {
  const directory = join(context.paths.locks, 'layers');
  const held: AsyncDisposable[] = [];
  const isKnown = (chainId: string) =>
    context.database.prepare('SELECT 1 FROM layers WHERE chain_id = ?').get(chainId) !== undefined;
  return {
    claim: async (chainId) => {
      const lock = await lockFile({ directory, name: digestHex(chainId).slice(0, 32), ...options });
      if (isKnown(chainId)) await lock[Symbol.asyncDispose]();
      else held.push(lock);
    },
    [Symbol.asyncDispose]: async () => {
      for (const lock of held) await lock[Symbol.asyncDispose]();
    },
  };
}

import { join } from 'node:path';
import { runHelper } from './helper-client.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import type { StagedLayer } from './staged-image.ts';

/**
 * Gives directories of which a new layer's archive says nothing the owner, mode, attributes and time that the layers below
 * give them: overlayfs shows those of the topmost layer that has the directory. `lower` is topmost first.
 */
export async function adoptDirectories(
  context: ImageStoreContext,
  request: {
    readonly layer: string;
    readonly lower: readonly string[];
    readonly paths: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { layer, lower, paths, signal } = request;
  if (lower.length === 0 || paths.length === 0) return;
  await runHelper({ op: 'adopt-directories', layer, lower, paths }, { helper: context.helper, signal });
}

/** The same for all new layers of an image, bottom first: a layer takes over what the one below has taken over. */
export async function adoptInLayers(
  context: ImageStoreContext,
  layers: readonly StagedLayer[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const lower: string[] = [];
  for (const layer of layers) {
    if (layer.directory !== undefined) {
      await adoptDirectories(context, { layer: layer.directory, lower, paths: layer.implied ?? [], signal });
    }
    lower.unshift(layer.directory ?? storedDirectory(context, layer.chainId));
  }
}

function storedDirectory({ database, paths }: ImageStoreContext, chainId: string): string {
  const row = database.prepare('SELECT directory FROM layers WHERE chain_id = ?').get(chainId);
  if (row === undefined) throw new Error(`layer ${chainId} vanished while it was being used`);
  return join(paths.layers, String(row['directory']), 'diff');
}

import type { ImageStoreContext } from '../images/image-store-context.ts';
import type { StagedLayer } from '../images/staged-image.ts';

/** Layers of an image of the store, bottom first, as parts of another image. */
export function imageLayers(store: ImageStoreContext, imageId: string): readonly StagedLayer[] {
  return store.database
    .prepare(
      `SELECT chain_id, diff_id, blob, media_type, layers.size_bytes AS size
       FROM image_layers JOIN layers USING (chain_id) WHERE image = ? ORDER BY position`,
    )
    .all(imageId)
    .map((row) => ({
      diffId: String(row['diff_id']),
      chainId: String(row['chain_id']),
      blob: { digest: String(row['blob']) },
      mediaType: String(row['media_type']),
      sizeBytes: Number(row['size']),
    }));
}

/** Identity of an image's files: the chain id of its topmost layer. */
export function filesId(store: ImageStoreContext, imageId: string | undefined): string {
  if (imageId === undefined) return 'scratch';
  const row = store.database
    .prepare('SELECT chain_id FROM image_layers WHERE image = ? ORDER BY position DESC LIMIT 1')
    .get(imageId);
  return row === undefined ? 'scratch' : String(row['chain_id']);
}

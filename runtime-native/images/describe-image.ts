import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageDetail } from '#core/engine/store.ts';
import { findImage, summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { blobPath } from './stage-layer.ts';

/** All that the store knows of an image. See `EngineStore.describeImage`. */
export function describeImage(context: ImageStoreContext, reference: string): ImageDetail | undefined {
  const { database, paths } = context;
  const id = findImage(context, reference);
  const summary = id === undefined ? undefined : summarise(context, id);
  if (id === undefined || summary === undefined) return undefined;
  const row = database.prepare('SELECT config FROM images WHERE id = ?').get(id);
  const tagged = database.prepare('SELECT max(tagged_at) AS last FROM image_references WHERE image = ?').get(id)?.['last'];
  const layers = database
    .prepare(
      `SELECT diff_id, directory, size_bytes, blob, media_type FROM image_layers JOIN layers USING (chain_id)
       WHERE image = ? ORDER BY position`,
    )
    .all(id);
  return {
    ...summary,
    document: String(row?.['config']),
    ...(typeof tagged === 'string' ? { taggedAt: tagged } : {}),
    manifestBytes: fileBytes(context, summary.digest),
    storedLayers: layers.map((layer) => ({
      diffId: String(layer['diff_id']),
      sizeBytes: Number(layer['size_bytes']),
      archive: String(layer['blob']),
      archiveBytes: fileBytes(context, String(layer['blob'])),
      mediaType: String(layer['media_type']),
      directory: join(paths.layers, String(layer['directory']), 'diff'),
    })),
  };
}

function fileBytes(context: ImageStoreContext, digest: string): number {
  return statSync(blobPath(context, digest), { throwIfNoEntry: false })?.size ?? 0;
}

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { transaction } from '../host/database.ts';
import { digestHex, sha256Digest } from './digest.ts';
import { parseImageDocument } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import type { StagedImage } from './staged-image.ts';
import { layerDirectory, moveOrphansAway } from './sweep-orphans.ts';
import type { Workspace } from './workspace.ts';

/**
 * Makes staged images visible, all or none: rows and renames in one transaction. A process killed inside leaves files
 * without rows, which the next sweep takes away. Returns the image ids in order.
 */
export function commitImages(
  context: ImageStoreContext,
  workspace: Workspace,
  images: readonly StagedImage[],
): readonly string[] {
  for (const directory of [context.paths.blobs, context.paths.layers]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const documents = images.map((image) => ({
    image,
    config: writeDocument(workspace, image.config),
    manifest: writeDocument(workspace, image.manifest),
  }));
  return transaction(context.database, () => {
    // Files without rows may have the very names that are needed now.
    moveOrphansAway(context, workspace);
    const placed = new Set<string>();
    const ids = documents.map(({ image, config, manifest }) => {
      insertImage(context, { image, id: config.digest, manifest: manifest.digest });
      for (const blob of [config, manifest, ...image.layers.map((layer) => layer.blob)]) {
        if (!placed.has(blob.digest)) placeBlob(context, blob);
        placed.add(blob.digest);
      }
      return config.digest;
    });
    for (const path of [context.paths.blobs, context.paths.layers]) flushDirectory(path);
    return ids;
  });
}

function writeDocument(workspace: Workspace, text: string): { readonly digest: string; readonly path: string } {
  const digest = sha256Digest(text);
  const path = join(workspace.path, `document-${digestHex(digest)}`);
  const fd = openSync(path, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { digest, path };
}

function insertImage(context: ImageStoreContext, row: { image: StagedImage; id: string; manifest: string }): void {
  const { database } = context;
  const { image, id, manifest } = row;
  const now = new Date().toISOString();
  const size = image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const { created } = parseImageDocument(image.config, id);
  for (const layer of image.layers) placeLayer(context, layer);
  const known = database.prepare('SELECT 1 FROM images WHERE id = ?').get(id) !== undefined;
  if (!known) {
    database
      .prepare('INSERT INTO images (id, digest, config, created_at, size_bytes) VALUES (?, ?, ?, ?, ?)')
      .run(id, manifest, image.config, created, size);
    const insertLayer = database.prepare(
      'INSERT INTO image_layers (image, position, chain_id, blob, media_type) VALUES (?, ?, ?, ?, ?)',
    );
    image.layers.forEach((layer, position) => {
      insertLayer.run(id, position, layer.chainId, layer.blob.digest, layer.mediaType);
    });
  }
  for (const reference of image.references) tagImage(context, { reference, id, now });
}

/** Points a reference to an image; another image that had it keeps existing without it. */
export function tagImage(context: ImageStoreContext, tag: { reference: string; id: string; now: string }): void {
  context.database
    .prepare(
      'INSERT INTO image_references (reference, image, tagged_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET image = excluded.image, tagged_at = excluded.tagged_at',
    )
    .run(tag.reference, tag.id, tag.now);
}

function placeLayer(context: ImageStoreContext, layer: StagedImage['layers'][number]): void {
  const known = context.database.prepare('SELECT 1 FROM layers WHERE chain_id = ?').get(layer.chainId) !== undefined;
  if (known) return;
  const directory = layerDirectory(layer.chainId);
  if (layer.directory === undefined) throw new Error(`layer ${layer.chainId} vanished while it was being used`);
  mkdirSync(join(context.paths.layers, directory), { mode: 0o700 });
  renameSync(layer.directory, join(context.paths.layers, directory, 'diff'));
  context.database
    .prepare('INSERT INTO layers (chain_id, diff_id, directory, size_bytes) VALUES (?, ?, ?, ?)')
    .run(layer.chainId, layer.diffId, directory, layer.sizeBytes);
}

function placeBlob(context: ImageStoreContext, blob: { readonly digest: string; readonly path?: string }): void {
  // The same content may be there already: replacing it by itself is harmless.
  if (blob.path !== undefined) renameSync(blob.path, join(context.paths.blobs, digestHex(blob.digest)));
}

function flushDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

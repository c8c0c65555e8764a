import { join } from 'node:path';
import type { ImageSummary } from '#core/engine/specs.ts';
import { isDigest } from './digest.ts';
import { parseImageDocument } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { formatReference, parseReference } from './reference.ts';

/** Id of the local image that a reference, an id, or an unambiguous id prefix names. Throws `engine.invalid-reference`. */
export function findImage(context: ImageStoreContext, text: string): string | undefined {
  const { database } = context;
  if (isDigest(text)) return byDigest(context, text);
  const idPrefix = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(text)?.[1];
  // A name wins over an id prefix: `cafe` may be a repository.
  if (idPrefix === undefined || (idPrefix.length < 64 && !text.startsWith('sha256:'))) {
    const named = byName(context, text);
    if (named !== undefined || idPrefix === undefined) return named;
  }
  const rows = database.prepare('SELECT id FROM images WHERE id GLOB ? LIMIT 2').all(`sha256:${idPrefix}*`);
  return rows.length === 1 ? String(rows[0]?.['id']) : undefined;
}

export function summarise(context: ImageStoreContext, id: string): ImageSummary | undefined {
  const { database } = context;
  const row = database.prepare('SELECT id, digest, config, created_at, size_bytes FROM images WHERE id = ?').get(id);
  if (row === undefined) return undefined;
  const references = database.prepare('SELECT reference FROM image_references WHERE image = ? ORDER BY reference').all(id);
  const { os, architecture, variant, config, diffIds } = parseImageDocument(String(row['config']), id);
  return {
    id,
    digest: String(row['digest']),
    references: references.map((one) => String(one['reference'])),
    createdAt: String(row['created_at']),
    sizeBytes: Number(row['size_bytes']),
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    config,
    layers: diffIds,
  };
}

/** When a tag was last pulled or given; undefined for ids and digests, which mean the same for ever. */
export function taggedAt({ database }: ImageStoreContext, text: string): string | undefined {
  if (isDigest(text) || text.includes('@') || /^[0-9a-f]{64}$/.test(text)) return undefined;
  const reference = formatReference(parseReference(text));
  const row = database.prepare('SELECT tagged_at FROM image_references WHERE reference = ?').get(reference);
  return row === undefined ? undefined : String(row['tagged_at']);
}

/** Newest first. Without those that only the build cache keeps, or that stand behind another platform's image. */
export function listImages(context: ImageStoreContext): readonly ImageSummary[] {
  const rows = context.database
    .prepare(
      `SELECT id FROM images
       WHERE id NOT IN (SELECT image FROM build_cache UNION SELECT image FROM image_variants) OR id IN (SELECT image FROM image_references)
       ORDER BY created_at DESC, id`,
    )
    .all();
  return rows.flatMap((row) => summarise(context, String(row['id'])) ?? []);
}

/** Absolute overlay lower directories, topmost first. */
export function lowerDirectories(context: ImageStoreContext, id: string): readonly string[] {
  const rows = context.database
    .prepare('SELECT directory FROM image_layers JOIN layers USING (chain_id) WHERE image = ? ORDER BY position DESC')
    .all(id);
  return rows.map((row) => join(context.paths.layers, String(row['directory']), 'diff'));
}

function byDigest(context: ImageStoreContext, digest: string): string | undefined {
  const row = context.database
    .prepare('SELECT id FROM images WHERE id = ? OR digest = ? ORDER BY id = ? DESC')
    .get(digest, digest, digest);
  return row === undefined ? undefined : String(row['id']);
}

function byName({ database }: ImageStoreContext, text: string): string | undefined {
  const reference = parseReference(text);
  const name = `${reference.registry}/${reference.repository}`;
  const { digest } = reference;
  const tag = digest === undefined ? reference.tag : undefined;
  const exact = `${name}${digest === undefined ? `:${tag}` : `@${digest}`}`;
  // With a digest the tag says nothing (distribution/reference), and any tag of the repository may have brought the image.
  const row =
    database.prepare('SELECT image FROM image_references WHERE reference = ?').get(exact) ??
    database
      .prepare(
        `SELECT image FROM image_references JOIN images ON images.id = image
         WHERE images.digest = ?1 AND substr(reference, 1, length(?2) + 1) = ?2 || ':'`,
      )
      .get(digest ?? '', name);
  return row === undefined ? undefined : String(row['image']);
}

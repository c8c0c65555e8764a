import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** Digest of plain data, as a cache key. Grows a version when steps begin to do something else. */
export function cacheKey(...parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([cacheVersion, ...parts]))
    .digest('hex');
}

const cacheVersion = 1;

export interface CachedStep {
  readonly imageId: string;
  readonly createdAt: string;
}

/** The result of a step that was done before; notes that it was used. */
export function findStep(database: DatabaseSync, key: string): CachedStep | undefined {
  const row = database.prepare('SELECT image, created_at FROM build_cache WHERE key = ?').get(key);
  if (row === undefined) return undefined;
  database.prepare('UPDATE build_cache SET used_at = ?, uses = uses + 1 WHERE key = ?').run(new Date().toISOString(), key);
  return { imageId: String(row['image']), createdAt: String(row['created_at']) };
}

/** Remembers a step's result; a newer one replaces it. */
export function saveStep(
  database: DatabaseSync,
  step: {
    readonly key: string;
    readonly imageId: string;
    readonly title: string;
    readonly sizeBytes: number;
    readonly createdAt: string;
  },
): void {
  database
    .prepare(
      `INSERT INTO build_cache (key, image, title, size_bytes, created_at, used_at, uses) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
       ON CONFLICT DO UPDATE SET image = ?2, title = ?3, size_bytes = ?4, created_at = ?5, used_at = ?6`,
    )
    .run(step.key, step.imageId, step.title, step.sizeBytes, step.createdAt, new Date().toISOString());
}

import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildCacheEntry, BuildPrune } from '#core/builder/request.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { lockProject } from '../host/project-lock.ts';
import { runHelper } from '../images/helper-client.ts';
import { sweepOrphans } from '../images/sweep-orphans.ts';

/** Results of steps and directories of cache mounts, most recently used first. */
export function listBuildCache(context: EngineContext): readonly BuildCacheEntry[] {
  const { database, paths } = context;
  const layers = database.prepare(`${imageRows} ORDER BY used_at DESC, image`).all();
  const mounts = database.prepare('SELECT * FROM build_mounts ORDER BY used_at DESC, directory').all();
  return [
    ...layers.map(
      (row): BuildCacheEntry => ({
        id: String(row['image']).slice('sha256:'.length),
        kind: 'layer',
        title: String(row['title']),
        sizeBytes: Number(row['size_bytes']),
        createdAt: String(row['created_at']),
        usedAt: String(row['used_at']),
        uses: Number(row['uses']),
        isInUse: Number(row['in_use']) > 0,
      }),
    ),
    ...mounts.map(
      (row): BuildCacheEntry => ({
        id: String(row['directory']),
        kind: 'mount',
        title: String(row['id']),
        sizeBytes: directoryBytes(join(paths.buildCaches, String(row['directory']))),
        createdAt: String(row['created_at']),
        usedAt: String(row['used_at']),
        uses: Number(row['uses']),
        isInUse: false,
      }),
    ),
  ];
}

/** One row for each kept state. Its layer is in use while an image with a name, or a container, has it. */
const imageRows = `
  SELECT image, max(title) AS title, max(size_bytes) AS size_bytes, min(created_at) AS created_at, max(used_at) AS used_at, sum(uses) AS uses,
    (SELECT count(*) FROM image_layers own
       JOIN image_layers other ON other.chain_id = own.chain_id
       JOIN image_references ON image_references.image = other.image
      WHERE own.image = build_cache.image AND own.position = (SELECT max(position) FROM image_layers WHERE image = build_cache.image)) AS in_use
  FROM build_cache GROUP BY image`;

/** See `Engine.pruneBuildCache`. The least recently used go first. */
export async function pruneBuildCache(
  context: EngineContext,
  prune: BuildPrune,
): Promise<{ readonly deleted: readonly string[]; readonly reclaimedBytes: number }> {
  const { database, paths } = context;
  const entries = [...listBuildCache(context)].sort((a, b) => (a.usedAt < b.usedAt ? -1 : 1));
  const oldest = prune.olderThanMs === undefined ? undefined : new Date(Date.now() - prune.olderThanMs).toISOString();
  let left = entries.reduce((sum, one) => sum + one.sizeBytes, 0);
  const deleted: string[] = [];
  let reclaimedBytes = 0;
  for (const entry of entries) {
    if (oldest !== undefined && entry.usedAt > oldest) continue;
    if (prune.unusedOnly === true && entry.isInUse) continue;
    if (prune.keepBytes !== undefined && left <= prune.keepBytes) break;
    if (!(entry.kind === 'layer' ? removeState(context, entry.id) : await removeMount(context, entry.id))) continue;
    left -= entry.sizeBytes;
    // What an image needs stays with it.
    if (!entry.isInUse) reclaimedBytes += entry.sizeBytes;
    deleted.push(entry.id);
  }
  rmSync(paths.contentStamps, { recursive: true, force: true });
  if (deleted.length > 0) await sweepOrphans({ database, paths, helper: context.programs.helper });
  return { deleted, reclaimedBytes };
}

/** The state's image goes, with its rows in the cache; a container that runs on it keeps it. */
function removeState({ database }: EngineContext, id: string): boolean {
  const image = `sha256:${id}`;
  return transaction(database, () => {
    const isUsed =
      database.prepare('SELECT 1 FROM containers WHERE image_id = ?').get(image) !== undefined ||
      database.prepare('SELECT 1 FROM image_references WHERE image = ?').get(image) !== undefined;
    if (isUsed) return false;
    database.prepare('DELETE FROM images WHERE id = ?').run(image);
    return true;
  });
}

async function removeMount(context: EngineContext, directory: string): Promise<boolean> {
  const { database, paths } = context;
  const path = join(paths.buildCaches, directory);
  // A build that uses it by itself now is waited for; one that shares it is not known, and makes it anew the next time.
  await using _lock = await lockProject({
    directory: paths.locks,
    project: `cache-${directory}`,
    onWait: () => {},
    signal: new AbortController().signal,
  });
  await runHelper({ op: 'remove-tree', path }, { helper: context.programs.helper });
  database.prepare('DELETE FROM build_mounts WHERE directory = ?').run(directory);
  return true;
}

function directoryBytes(path: string): number {
  let bytes = 0;
  try {
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) bytes += lstatSync(join(entry.parentPath, entry.name)).size;
    }
  } catch {
    // Files come and go while a build uses it: the size is an estimate.
  }
  return bytes;
}

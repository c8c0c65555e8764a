import type { ImageConfig } from '#core/engine/specs.ts';
import type { ImagePrune, Pruned } from '#core/engine/store.ts';
import { transaction } from '../host/database.ts';
import { runHelper } from './helper-client.ts';
import { parseImageDocument } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { imageUsers } from './image-users.ts';
import { moveOrphansAway } from './sweep-orphans.ts';
import { openWorkspace, sweepWorkspaces } from './workspace.ts';

/**
 * Removes images that no container needs, and with them every layer and blob that no image needs. Which, is decided in the
 * transaction that removes them. See `EngineStore.pruneImages`.
 */
export async function pruneImages(context: ImageStoreContext, request: ImagePrune): Promise<Pruned> {
  await sweepWorkspaces(context);
  await using workspace = openWorkspace(context);
  const untagged: string[] = [];
  const deleted: string[] = [];
  transaction(context.database, () => {
    for (const image of candidates(context, request)) {
      untagged.push(...image.references);
      deleted.push(image.id);
      context.database.prepare('DELETE FROM image_references WHERE image = ?').run(image.id);
      context.database.prepare('DELETE FROM images WHERE id = ?').run(image.id);
    }
    context.database.exec('DELETE FROM layers WHERE chain_id NOT IN (SELECT chain_id FROM image_layers)');
    moveOrphansAway(context, workspace);
  });
  const { bytes } = await runHelper({ op: 'disk-usage', paths: [workspace.path] }, { helper: context.helper });
  const [reclaimedBytes = 0] = bytes as readonly number[]; // parser: our own helper's list of numbers
  return { untagged, deleted, reclaimedBytes };
}

interface Candidate {
  readonly id: string;
  readonly references: readonly string[];
}

function candidates({ database }: ImageStoreContext, request: ImagePrune): readonly Candidate[] {
  // What only the build cache keeps is not seen here; it has a command of its own.
  const rows = database
    .prepare(
      `SELECT id, config, created_at FROM images
       WHERE id NOT IN (SELECT image FROM build_cache UNION SELECT image FROM image_variants) OR id IN (SELECT image FROM image_references) ORDER BY id`,
    )
    .all();
  return rows.flatMap((row): readonly Candidate[] => {
    const id = String(row['id']);
    const references = database
      .prepare('SELECT reference FROM image_references WHERE image = ? ORDER BY reference')
      .all(id)
      .map((one) => String(one['reference']));
    if (references.length > 0 && !request.all) return [];
    if (request.untilMs !== undefined && Date.parse(String(row['created_at'])) >= request.untilMs) return [];
    if (!hasLabels(parseImageDocument(String(row['config']), id).config, request)) return [];
    return imageUsers(database, id).length > 0 ? [] : [{ id, references }];
  });
}

function hasLabels({ Labels }: ImageConfig, request: ImagePrune): boolean {
  const has = (wanted: string): boolean => {
    const [, key = wanted, value] = /^([^=]*)=(.*)$/s.exec(wanted) ?? [];
    const found = Labels?.[key];
    return found !== undefined && (value === undefined || found === value);
  };
  return request.labels.every(has) && !request.withoutLabels.some(has);
}

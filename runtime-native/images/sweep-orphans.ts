import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { transaction } from '../host/database.ts';
import { listNames } from '../host/list-names.ts';
import { digestHex } from './digest.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Removes layers and blobs that no image needs: what an image removal or a killed command left. */
export async function sweepOrphans(context: ImageStoreContext): Promise<void> {
  await using workspace = openWorkspace(context);
  transaction(context.database, () => {
    context.database.exec('DELETE FROM layers WHERE chain_id NOT IN (SELECT chain_id FROM image_layers)');
    moveOrphansAway(context, workspace);
  });
}

/** Inside a transaction: files get their rows in a transaction too, so that those without are nobody's. */
export function moveOrphansAway(context: ImageStoreContext, workspace: Workspace): void {
  const { database, paths } = context;
  const layers = new Set(
    database
      .prepare('SELECT directory FROM layers')
      .all()
      .map((row) => row['directory']),
  );
  const blobs = new Set(
    database
      .prepare('SELECT id AS digest FROM images UNION SELECT digest FROM images UNION SELECT blob FROM image_layers')
      .all()
      .map((row) => digestHex(String(row['digest']))),
  );
  moveOthers({ directory: paths.layers, keep: layers, target: join(workspace.path, 'orphan-layer-') });
  moveOthers({ directory: paths.blobs, keep: blobs, target: join(workspace.path, 'orphan-blob-') });
}

/** Directory of a layer below `layers/`; short, because mount options are. */
export function layerDirectory(chainId: string): string {
  return digestHex(chainId).slice(0, 24);
}

function moveOthers(request: { directory: string; keep: ReadonlySet<unknown>; target: string }): void {
  for (const name of listNames(request.directory)) {
    if (!request.keep.has(name)) renameSync(join(request.directory, name), request.target + name);
  }
}

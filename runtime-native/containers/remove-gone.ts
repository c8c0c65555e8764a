import type { EngineContext } from '../engine-context.ts';
import { readContainers } from './container-rows.ts';
import { isGone } from './observe-container.ts';
import { removeContainer } from './remove-container.ts';

/** Removes a project's containers that were to go at their end (`run --rm`) and have ended, with their anonymous volumes. */
export async function removeGone(context: EngineContext, project: string): Promise<void> {
  const { database } = context;
  const oneOffs = database.prepare('SELECT 1 FROM containers WHERE project = ? AND one_off = 1 LIMIT 1').all(project);
  if (oneOffs.length === 0) return;
  for (const row of readContainers(database, project)) {
    if (isGone(context, row)) await removeContainer(context, row.id, { volumes: true });
  }
}

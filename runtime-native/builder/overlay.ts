import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildSession, BuildState } from './build-session.ts';

export interface Overlay {
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
}

/** New overlay directories in the build's workspace; nothing is mounted. The root looks as it does below. */
export function openOverlay(session: BuildSession, state: BuildState): Overlay {
  const directory = join(session.workspace.path, session.uniqueName('overlay'));
  const upper = join(directory, 'upper');
  const work = join(directory, 'work');
  const nothing = join(directory, 'nothing');
  for (const path of [upper, work, nothing]) mkdirSync(path, { recursive: true, mode: 0o755 });
  const lower = state.imageId === undefined ? [] : session.images.lowerDirectories(state.imageId);
  const top = lower[0];
  if (top === undefined) return { lower: [nothing], upper, work };
  const root = statSync(top);
  chownSync(upper, root.uid, root.gid);
  chmodSync(upper, root.mode & 0o7777);
  return { lower, upper, work };
}

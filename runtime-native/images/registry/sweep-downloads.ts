import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageStoreContext } from '../image-store-context.ts';

const keptMs = 7 * 24 * 3_600_000;

/** Removes downloads that nobody has gone on with for a week. */
export function sweepDownloads(context: ImageStoreContext, nowMs: number): void {
  for (const name of list(context.paths.downloads)) {
    const path = join(context.paths.downloads, name);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - changedMs > keptMs) rmSync(path, { force: true });
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listNames } from '../../host/list-names.ts';
import type { ImageStoreContext } from '../image-store-context.ts';

const keptMs = 7 * 24 * 3_600_000;

/** Removes downloads that nobody has gone on with for a week. */
export function sweepDownloads(context: ImageStoreContext, nowMs: number): void {
  for (const name of listNames(context.paths.downloads)) {
    const path = join(context.paths.downloads, name);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - changedMs > keptMs) rmSync(path, { force: true });
  }
}

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from './timed.ts';

/**
 * Builds the bundle, which is what users run. Disposing takes it away again unless there was one before: the launcher
 * prefers it, and a stale one would hide later changes of the sources.
 */
export async function freshBundle(root: string): Promise<Disposable> {
  const directory = join(root, 'dist');
  const wasThere = existsSync(directory);
  await timed({ argv: [process.execPath, join(root, 'tools/build.ts')], cwd: root, env: process.env });
  return {
    [Symbol.dispose]() {
      if (!wasThere) rmSync(directory, { recursive: true, force: true });
    },
  };
}

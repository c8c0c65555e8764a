import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '#runtime/host/database.ts';
import { type Paths, statePaths } from '#runtime/host/paths.ts';
import type { ImageStore } from '#runtime/images/image-store.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';

export interface TestStore extends AsyncDisposable {
  readonly root: string;
  readonly paths: Paths;
  readonly database: DatabaseSync;
  readonly store: ImageStore;
  readonly env: NodeJS.ProcessEnv;
}

/** The native helper that `make` built. */
export const helper = join(
  process.env['TSCOMPOSE_LIBEXEC'] ?? join(import.meta.dirname, '../../supervisor/build'),
  'tscompose-helper',
);

/** An empty image store in a directory of its own, which disposing removes. */
export function openTestStore(): TestStore {
  const root = mkdtempSync('/tmp/tsc-images-');
  const env = {
    TSCOMPOSE_ROOT: join(root, 'state'),
    TSCOMPOSE_CONFIG: join(root, 'etc', 'config.json'),
    DOCKER_CONFIG: join(root, 'docker'),
  };
  const paths = statePaths(env);
  const database = openDatabase(paths.database);
  const store = openImageStore({ database, paths, helper, env });
  return {
    root,
    paths,
    database,
    store,
    env,
    [Symbol.asyncDispose]: async () => {
      database.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

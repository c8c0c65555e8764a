import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { RunMount } from '#core/builder/step.ts';
import { lockProject } from '../host/project-lock.ts';
import type { BuildSession } from './build-session.ts';
import { materialise } from './materialise.ts';
import { contextTree, imageSource, imageTree } from './open-source.ts';

/** A directory that outlives builds. */
export interface CacheMount extends AsyncDisposable {
  readonly path: string;
}

/**
 * Opens the directory of a cache mount, made on first use. `locked`: one RUN at a time, others wait, in other builds too;
 * `private`: each at a time has its own; `shared`: all at once.
 */
export async function openCacheMount(session: BuildSession, mount: Extract<RunMount, { type: 'cache' }>): Promise<CacheMount> {
  const { database, paths } = session.context;
  const name = createHash('sha256').update(mount.id).digest('hex').slice(0, 24);
  const locks = paths.locks;
  const lockOf = (key: string, signal: AbortSignal) =>
    lockProject({ directory: locks, project: `cache-${key}`, onWait: () => {}, signal });
  let lock: AsyncDisposable | undefined;
  let key = name;
  if (mount.sharing === 'locked') lock = await lockOf(name, session.signal);
  if (mount.sharing === 'private') ({ key, lock } = await firstFree(name, lockOf));
  const path = join(paths.buildCaches, key);
  if (!existsSync(path)) await make(session, mount, path);
  const now = new Date().toISOString();
  database
    .prepare(
      `INSERT INTO build_mounts (directory, id, created_at, used_at, uses) VALUES (?1, ?2, ?3, ?3, 1)
       ON CONFLICT DO UPDATE SET used_at = ?3, uses = uses + 1`,
    )
    .run(key, mount.id, now);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await lock?.[Symbol.asyncDispose]();
    },
  };
}

/** The first of a cache's private directories that nobody uses now. */
async function firstFree(
  name: string,
  lockOf: (key: string, signal: AbortSignal) => Promise<AsyncDisposable>,
): Promise<{ readonly key: string; readonly lock: AsyncDisposable }> {
  for (let number = 0; ; number++) {
    const key = number === 0 ? name : `${name}-${number}`;
    try {
      return { key, lock: await lockOf(key, AbortSignal.timeout(50)) };
    } catch (error) {
      if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
    }
  }
}

async function make(session: BuildSession, mount: Extract<RunMount, { type: 'cache' }>, path: string): Promise<void> {
  mkdirSync(session.context.paths.buildCaches, { recursive: true, mode: 0o700 });
  if (mount.from !== undefined) {
    const image = await imageSource(session, mount.from);
    const start = mount.source
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
    const source = image === undefined ? await contextTree(session, mount.from) : await imageTree(session, image, [start]);
    const directory = join(session.workspace.path, session.uniqueName('cache'));
    const made = await materialise(session, { source, path: mount.source, directory });
    if (made !== undefined) {
      renameSync(made, path);
      return;
    }
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chownSync(path, mount.uid, mount.gid);
  chmodSync(path, mount.mode);
}

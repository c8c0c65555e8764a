import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, processStartTime } from '../host/process-identity.ts';
import { runHelper } from './helper-client.ts';
import type { ImageStoreContext } from './image-store-context.ts';

/** A directory for half-made things: on the store's file system, so that finished ones are renamed into place. */
export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

/** Opens a workspace; disposing removes it with all that was not moved away. Its name tells who works in it. */
export function openWorkspace(context: ImageStoreContext): Workspace {
  const name = `image-${process.pid}-${processStartTime(process.pid) ?? 0}-${randomBytes(6).toString('hex')}`;
  const path = join(context.paths.temporary, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      // Most warm builds and refused pulls put nothing into it.
      if (isRemoved(path)) return;
      // What cannot be removed now is swept by a later command; it must not hide the error that led here.
      await removeTree(context, path).catch(() => {});
    },
  };
}

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false; // something is in it
  }
}

/** Removes workspaces whose process is dead: what a killed command left half-made. */
export async function sweepWorkspaces(context: ImageStoreContext): Promise<void> {
  mkdirSync(context.paths.temporary, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(context.paths.temporary)) {
    const [, pid, startTime] = /^image-(\d+)-(\d+)-[0-9a-f]{12}$/.exec(name) ?? [];
    if (pid === undefined || isSameProcess(Number(pid), Number(startTime))) continue;
    await removeTree(context, join(context.paths.temporary, name));
  }
}

/** By the native helper: an image may hold paths longer than a path name can be. */
async function removeTree(context: ImageStoreContext, path: string): Promise<void> {
  await runHelper({ op: 'remove-tree', path }, { helper: context.helper });
}

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode, TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Paths } from './paths.ts';

/** Below this a file system is as good as full: SQLite grows its files by less. */
const fullBelowBytes = 64 * 1024;

const sqlite = { readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 } as const;

/**
 * What a full, read-only or damaged directory, durable or volatile, causes, as a diagnostic (`engine.disk-full`,
 * `engine.state-unusable`); any other error comes back unchanged. Also of a runtime that had no space to work in.
 */
export function explainStateFailure(error: unknown, { root, run }: Pick<Paths, 'root' | 'run'>): unknown {
  if (hasCode(error, 'engine.start-failed'))
    return isFull(run) ? diskFull(error, run) : isFull(root) ? diskFull(error, root) : error;
  if (!(error instanceof Error) || error instanceof TscomposeError) return error;
  const code = 'code' in error ? error.code : undefined;
  // SQLite's extended codes have the primary one in the low byte.
  const sqliteCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || sqliteCode === sqlite.full)
    return diskFull(error, isFull(run) && !isFull(root) ? run : root);
  if (code === 'EROFS') return unusable(error, { root: placeOf(error, { root, run }), reason: 'its file system is read-only' });
  // Node says ENOENT for a directory that it could not make on a read-only file system.
  const isOurs = 'path' in error && [root, run].some((one) => String(error.path).startsWith(one));
  if ('syscall' in error && error.syscall === 'mkdir' && 'path' in error && isOurs) {
    return unusable(error, {
      root: placeOf(error, { root, run }),
      reason: `"${String(error.path)}" cannot be made (${String(code)})`,
    });
  }
  if (sqliteCode === undefined || !Object.values<number>(sqlite).includes(sqliteCode)) return error;
  if (sqliteCode === sqlite.ioError || sqliteCode === sqlite.cannotOpen) {
    if (isFull(root)) return diskFull(error, root);
  }
  return unusable(error, { root, reason: `state.db: ${error.message}` });
}

/** The directory that an error of the file system is about: the volatile one may be below the durable one. */
function placeOf(error: Error, { root, run }: Pick<Paths, 'root' | 'run'>): string {
  return 'path' in error && String(error.path).startsWith(run) ? run : root;
}

function isFull(path: string): boolean {
  return freeBytes(path) < fullBelowBytes;
}

function diskFull(cause: Error, root: string): TscomposeError {
  return new TscomposeError(diagnose('engine.disk-full', { path: root }), { cause });
}

function unusable(cause: Error, { root, reason }: { root: string; reason: string }): TscomposeError {
  return new TscomposeError(diagnose('engine.state-unusable', { path: root, reason }), { cause });
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // Not made yet: its parent's file system is the one that matters.
    return path === dirname(path) ? Number.POSITIVE_INFINITY : freeBytes(dirname(path));
  }
}

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** Below this a file system is as good as full: SQLite grows its files by less. */
const fullBelowBytes = 64 * 1024;

const sqlite = { readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 } as const;

/**
 * What a full, read-only or damaged state directory `root` causes, as a diagnostic (`engine.disk-full`,
 * `engine.state-unusable`); any other error comes back unchanged.
 */
export function explainStateFailure(error: unknown, root: string): unknown {
  if (!(error instanceof Error) || error instanceof TscomposeError) return error;
  const code = 'code' in error ? error.code : undefined;
  // SQLite's extended codes have the primary one in the low byte.
  const sqliteCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || sqliteCode === sqlite.full) return diskFull(error, root);
  if (code === 'EROFS') return unusable(error, { root, reason: 'its file system is read-only' });
  // Node says ENOENT for a directory that it could not make on a read-only file system.
  if ('syscall' in error && error.syscall === 'mkdir' && 'path' in error && String(error.path).startsWith(root)) {
    return unusable(error, { root, reason: `"${String(error.path)}" cannot be made (${String(code)})` });
  }
  if (sqliteCode === undefined || !Object.values<number>(sqlite).includes(sqliteCode)) return error;
  if (sqliteCode === sqlite.ioError || sqliteCode === sqlite.cannotOpen) {
    if (freeBytes(root) < fullBelowBytes) return diskFull(error, root);
  }
  return unusable(error, { root, reason: `state.db: ${error.message}` });
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

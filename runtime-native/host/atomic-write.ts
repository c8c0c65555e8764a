import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export interface AtomicWrite {
  readonly path: string;
  readonly data: string | Buffer;
  /** Permission bits, exactly (no umask). */
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Survives a power cut: fsync before the rename. */
  readonly durable?: boolean;
}

/** Replaces a file as a whole: a reader sees the old or the new content, never a part. */
export function atomicWrite(request: AtomicWrite): void {
  const temporary = `${request.path}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeSync(fd, typeof request.data === 'string' ? Buffer.from(request.data) : request.data);
    if (request.owner !== undefined) fchownSync(fd, request.owner.uid, request.owner.gid);
    fchmodSync(fd, request.mode);
    if (request.durable) fsyncSync(fd);
    renameSync(temporary, request.path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a file that nobody reads before the write has returned, and that is written again when we are killed in between:
 * what a container's start makes for itself. Half the system calls of `atomicWrite`.
 */
export function writeInPlace(request: Pick<AtomicWrite, 'path' | 'data' | 'mode'>): void {
  const fd = openSync(request.path, 'w', 0o600);
  try {
    writeSync(fd, typeof request.data === 'string' ? Buffer.from(request.data) : request.data);
    fchmodSync(fd, request.mode);
  } finally {
    closeSync(fd);
  }
}

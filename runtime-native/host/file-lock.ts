import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, processStartTime } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  readonly command: string;
}

export interface FileLockRequest {
  /** Directory of all locks of a kind; made when missing. */
  readonly directory: string;
  readonly name: string;
  /** Called once when another living process, or another part of this one, holds the lock. */
  readonly onWait: (holder: LockHolder) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Fallback of the directory watch, for a holder that dies without removing its lock. */
const recheckMs = 200;

/**
 * Takes `<directory>/<name>.lock`, a file with pid, start time and command of its holder, made whole by link(2).
 * Waits for a living holder; takes over from a dead one. Rejects with the signal's reason.
 */
export async function lockFile(request: FileLockRequest): Promise<AsyncDisposable> {
  mkdirSync(request.directory, { recursive: true, mode: 0o700 });
  const path = join(request.directory, `${request.name}.lock`);
  const own = join(request.directory, `.${request.name}.${process.pid}.${counter()}`);
  const content = JSON.stringify({
    pid: process.pid,
    startTime: processStartTime(process.pid),
    command: process.argv.slice(1).join(' '),
  });
  writeFileSync(own, content, { mode: 0o600 });
  try {
    let hasTold = false;
    while (!tryLink(own, path)) {
      request.signal?.throwIfAborted();
      const holder = readHolder(path);
      if (holder === 'dead') {
        removeStale(path, own);
        continue;
      }
      if (holder !== undefined && !hasTold) {
        hasTold = true;
        request.onWait(holder);
      }
      await nextChange(request.directory, request.signal);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return {
    [Symbol.asyncDispose]: async () => rmSync(path, { force: true }),
  };
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** `dead`: its process is gone; undefined: the lock vanished meanwhile. */
function readHolder(path: string): LockHolder | 'dead' | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const value = parseHolder(text);
  return value !== undefined && isSameProcess(value.pid, value.startTime) ? value : 'dead';
}

function parseHolder(text: string): (LockHolder & { readonly startTime: number }) | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, startTime, command } = value as Record<string, unknown>;
    return typeof pid === 'number' && typeof startTime === 'number' ? { pid, startTime, command: String(command) } : undefined;
  } catch {
    // Cut off by a power failure: as good as dead.
    return undefined;
  }
}

/**
 * Two waiters may see the same dead holder: moving the file aside and looking again what was moved keeps the second from
 * removing the lock that the first has just taken.
 */
function removeStale(path: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readHolder(aside) !== 'dead') tryLink(aside, path);
  rmSync(aside, { force: true });
}

async function nextChange(directory: string, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(directory, () => resolve());
  const timer = setTimeout(resolve, recheckMs);
  signal?.addEventListener('abort', () => resolve(), { once: true });
  try {
    await promise;
    signal?.throwIfAborted();
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

function counter(): string {
  return process.hrtime.bigint().toString(36);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

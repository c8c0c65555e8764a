import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LogEntry, LogQuery } from '#core/engine/specs.ts';
import { watchDirectories } from './file-changes.ts';
import { type LogFile, lastLines } from './log-tail.ts';

export interface LogRequest {
  /** Current log file; older ones are `<path>.1`, `<path>.2`, …, or those names with `.gz`. */
  readonly path: string;
  readonly query: LogQuery;
  /** Whether the container may still write. */
  readonly isOpen: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

const chunkBytes = 256 * 1024;
/** Bounds how long a killed supervisor goes unnoticed; changes themselves arrive through the watch. */
const recheckMs = 1000;

/** Entries of a json-file log in order, oldest file first; `tail` reads from the end; `follow` goes on until it is closed. */
export async function* readLog(request: LogRequest): AsyncGenerator<LogEntry> {
  const { path, query, signal } = request;
  using changes = query.follow ? watchDirectories([dirname(path)], signal) : undefined;
  // Before reading: what is written after this moment is seen by the next round.
  let isOpen = request.isOpen();
  const past = openHistory(path);
  const newest = past.at(-1);
  const isCurrent = newest !== undefined && !hasRotated(newest.fd, path);
  let current: number | undefined;
  try {
    for (const line of query.tail === undefined ? allLines(past) : lastLines(past, query.tail)) yield* entriesOf(line, query);
    for (const file of past.splice(0, isCurrent ? past.length - 1 : past.length)) closeSync(file.fd);
    past.length = 0;
    current = isCurrent ? newest.fd : openFile(path);
    let position = isCurrent ? newest.end : 0;
    let reader = lineReader();
    for (;;) {
      if (signal?.aborted) return;
      if (current === undefined) {
        current = openFile(path);
        position = 0;
      }
      if (current !== undefined) {
        // Whether it was renamed must be known before the last read: what comes later is in the new file.
        const isDone = hasRotated(current, path);
        for (;;) {
          const { lines, bytes } = reader.read(current, position);
          position += bytes;
          for (const line of lines) yield* entriesOf(line, query);
          if (bytes === 0) break;
        }
        if (isDone) {
          closeSync(current);
          current = undefined;
          reader = lineReader();
          continue;
        }
      }
      if (changes === undefined || !isOpen) return;
      await changes.next(recheckMs);
      isOpen = request.isOpen();
    }
  } finally {
    for (const file of past) closeSync(file.fd);
    if (current !== undefined) closeSync(current);
  }
}

/** Open log files, oldest first, each up to its last complete line now. A rotation while they are opened shows one twice: dropped. */
function openHistory(path: string): LogFile[] {
  const files: LogFile[] = [];
  const seen = new Set<number>();
  for (let index = 0; ; index++) {
    const { fd, packed } = index === 0 ? { fd: openFile(path) } : openRotated(`${path}.${index}`);
    if (fd === undefined) {
      if (index === 0) continue;
      return files;
    }
    const { ino: own, size } = fstatSync(fd);
    const ino = packed ?? own;
    if (seen.has(ino)) {
      closeSync(fd);
      continue;
    }
    seen.add(ino);
    files.unshift({ fd, end: lastLineEnd(fd, size) });
  }
}

function* allLines(files: readonly LogFile[]): Generator<string> {
  for (const { fd, end } of files) {
    const reader = lineReader();
    for (let position = 0; position < end; ) {
      const { lines, bytes } = reader.read(fd, position, end);
      position += bytes;
      yield* lines;
      if (bytes === 0) break;
    }
  }
}

/** Cuts a file into lines; keeps the unfinished last one for the next read. */
function lineReader() {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let rest: Buffer = Buffer.alloc(0);
  return {
    read(fd: number, position: number, end = Number.MAX_SAFE_INTEGER): { lines: readonly string[]; bytes: number } {
      const bytes = readSync(fd, buffer, 0, Math.min(chunkBytes, end - position), position);
      const data = rest.length === 0 ? buffer.subarray(0, bytes) : Buffer.concat([rest, buffer.subarray(0, bytes)]);
      const cut = data.lastIndexOf(0x0a) + 1;
      rest = Buffer.from(data.subarray(cut));
      const text = data.toString('utf8', 0, cut);
      return { lines: text === '' ? [] : text.slice(0, -1).split('\n'), bytes };
    },
  };
}

/** Position behind the last line feed before `size`. */
function lastLineEnd(fd: number, size: number): number {
  const buffer = Buffer.allocUnsafe(4096);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - buffer.length);
    const bytes = readSync(fd, buffer, 0, end - start, start);
    const index = buffer.subarray(0, bytes).lastIndexOf(0x0a);
    if (index !== -1) return start + index + 1;
    end = start;
  }
  return 0;
}

function* entriesOf(line: string, query: LogQuery): Generator<LogEntry> {
  const entry = parseLogLine(line);
  if (entry === undefined) return;
  if (query.sinceMs !== undefined || query.untilMs !== undefined) {
    const time = Date.parse(entry.time);
    if (query.sinceMs !== undefined && time < query.sinceMs) return;
    if (query.untilMs !== undefined && time > query.untilMs) return;
  }
  yield entry;
}

/** One line of the json-file format; undefined for what is none (a file damaged by a power cut). */
export function parseLogLine(line: string): LogEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { log, stream, time } = value as Record<string, unknown>;
  if (typeof log !== 'string' || typeof time !== 'string') return undefined;
  const partial = !log.endsWith('\n');
  return { stream: stream === 'stderr' ? 'stderr' : 'stdout', time, text: partial ? log : log.slice(0, -1), partial };
}

function hasRotated(fd: number, path: string): boolean {
  try {
    return statSync(path).ino !== fstatSync(fd).ino;
  } catch {
    // Between two renames, or the container was removed.
    return false;
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    // No log yet, or removed.
    return undefined;
  }
}

/**
 * A rotated file, or the text of a compressed one in a nameless file. Bounded by the rotation's own size, which the container cannot
 * change. A damaged archive (the disk was full) counts as absent.
 */
function openRotated(path: string): { readonly fd?: number | undefined; readonly packed?: number } {
  const plain = openFile(path);
  if (plain !== undefined) return { fd: plain };
  const packed = openFile(`${path}.gz`);
  if (packed === undefined) return {};
  try {
    const text = gunzipSync(readFileSync(packed));
    const directory = mkdtempSync(join(tmpdir(), 'tsc-log-'));
    const fd = openSync(join(directory, 'text'), 'wx+', 0o600);
    rmSync(directory, { recursive: true });
    writeSync(fd, text);
    return { fd, packed: fstatSync(packed).ino };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) return {};
    throw error;
  } finally {
    closeSync(packed);
  }
}

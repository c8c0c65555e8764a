import { fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogEntry, LogQuery } from '#core/engine/specs.ts';
import { watchDirectories } from './file-changes.ts';
import { closeLogFiles, hasRotated, type LogFile, openLogFiles, openNewerFiles } from './log-files.ts';
import { fileLines, readLines } from './log-lines.ts';
import { lastLineEnd, lastLines } from './log-tail.ts';

export interface LogRequest {
  /** Current log file; older ones are `<path>.1`, `<path>.2`, …, or those names with `.gz`. */
  readonly path: string;
  readonly query: LogQuery;
  /** Whether the container may still write. */
  readonly isOpen: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Bounds how long a killed supervisor goes unnoticed; changes themselves arrive through the watch. */
const recheckMs = 1000;

/** Entries of a json-file log in order, oldest file first; `tail` reads from the end; `follow` goes on until it is closed. */
export async function* readLog(request: LogRequest): AsyncGenerator<LogEntry> {
  const { path, query, signal } = request;
  using changes = query.follow ? watchDirectories([dirname(path)], signal) : undefined;
  // Before reading: what is written after this moment is seen by the next round.
  let isOpen = request.isOpen();
  /** Not read yet, oldest first; the last one may grow. */
  let files = openLogFiles(path);
  let position = 0;
  try {
    const newest = files.at(-1);
    const end = newest === undefined ? 0 : endOf(newest);
    if (newest !== undefined && query.tail !== undefined) {
      for (const line of await lastLines(files, { count: query.tail, end })) yield* entriesOf(line, query);
      closeLogFiles(files.slice(0, -1));
      files = [newest];
      position = end;
    }
    for (;;) {
      for (const file of files.slice(0, -1)) {
        for await (const lines of fileLines(file, position)) for (const line of lines) yield* entriesOf(line, query);
        position = 0;
        closeLogFiles([file]);
        files = files.slice(1);
      }
      const file = files[0];
      // Whether it was renamed must be known before the last read: what comes later is in the new file.
      const isDone = file !== undefined && hasRotated(file, path);
      if (file !== undefined) {
        const stopAt = changes === undefined ? end : Number.MAX_SAFE_INTEGER;
        if (fstatSync(file.fd).size < position) position = 0; // one file only, which starts over
        while (position < stopAt) {
          const { lines, next } = readLines(file.fd, position);
          if (next === position) break;
          position = next;
          for (const line of lines) yield* entriesOf(line, query);
          if (signal?.aborted) return;
        }
      }
      if (changes === undefined || signal?.aborted) return;
      if (isDone || file === undefined) {
        const newer = file === undefined ? openLogFiles(path) : openNewerFiles(path, file);
        closeLogFiles(files);
        files = newer;
        position = 0;
        if (files.length > 0) continue;
      }
      if (!isOpen) return;
      await changes.next(recheckMs);
      isOpen = request.isOpen();
    }
  } finally {
    closeLogFiles(files);
  }
}

/** Behind its last complete line now. */
function endOf(file: LogFile): number {
  return file.isPacked ? 0 : lastLineEnd(file.fd, fstatSync(file.fd).size);
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

import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { watchDirectories } from '../supervisor-client/file-changes.ts';

const chunkBytes = 64 * 1024;
/** Changes arrive through the watch; this bounds how late one is seen that it missed. */
const recheckMs = 1000;

/** At this size a supervisor moves the journal to `<path>.1`: a project's history is at most twice this. */
export const journalMaxBytes = 1024 * 1024;

/** Appends lines in one write, beside supervisors that do the same. */
export function appendJournal(path: string, lines: readonly object[]): void {
  if (lines.length === 0) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  appendFileSync(path, lines.map((one) => `${JSON.stringify(one)}\n`).join(''), { mode: 0o600 });
}

/** Whole lines of the journal, oldest first; with `follow` also those to come, until the signal aborts. */
export async function* readJournal(
  path: string,
  { follow, fromEnd, signal }: { readonly follow: boolean; readonly fromEnd: boolean; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  using changes = follow ? watchDirectories([dirname(path)], signal) : undefined;
  if (!fromEnd) yield* linesOf(`${path}.1`);
  let file = openAt(path, fromEnd);
  try {
    for (;;) {
      if (signal.aborted) return;
      file ??= openAt(path, false);
      if (file !== undefined) {
        // Whether it was moved away must be known before the last read: what comes later is in the new file.
        const isDone = hasMoved(file.fd, path);
        yield* newLines(file);
        if (isDone) {
          closeSync(file.fd);
          file = undefined;
          continue;
        }
      }
      if (changes === undefined) return;
      await changes.next(recheckMs);
    }
  } finally {
    if (file !== undefined) closeSync(file.fd);
  }
}

interface OpenFile {
  readonly fd: number;
  position: number;
  rest: string;
}

function openAt(path: string, fromEnd: boolean): OpenFile | undefined {
  try {
    const fd = openSync(path, 'r');
    return { fd, position: fromEnd ? fstatSync(fd).size : 0, rest: '' };
  } catch {
    // Nothing has happened yet.
    return undefined;
  }
}

function* linesOf(path: string): Generator<string> {
  const file = openAt(path, false);
  if (file === undefined) return;
  try {
    yield* newLines(file);
  } finally {
    closeSync(file.fd);
  }
}

function* newLines(file: OpenFile): Generator<string> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const bytes = readSync(file.fd, buffer, 0, chunkBytes, file.position);
    if (bytes === 0) return;
    file.position += bytes;
    // Names and reasons may have any letters: a character cut in two must wait for its other half.
    const lines = (file.rest + buffer.toString('latin1', 0, bytes)).split('\n');
    file.rest = lines.pop() ?? '';
    for (const line of lines) yield Buffer.from(line, 'latin1').toString('utf8');
  }
}

function hasMoved(fd: number, path: string): boolean {
  try {
    return statSync(path).ino !== fstatSync(fd).ino;
  } catch {
    // Between the two steps of a rotation.
    return false;
  }
}

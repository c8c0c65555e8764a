import { fstatSync, readSync } from 'node:fs';
import type { LogFile } from './log-files.ts';
import { fileLines, isPartial } from './log-lines.ts';

const blockBytes = 64 * 1024;
const lineFeed = 0x0a;

/**
 * The last `count` log lines of files (oldest first), reading backwards from the end of the last one: compressed ones are unpacked
 * only when what is younger does not suffice. A record that continues a partial one counts with it, so that `tail` counts lines as the
 * container printed them; an unfinished one at the very end counts too. `end` is where the last file ends for this purpose.
 */
export async function lastLines(
  files: readonly LogFile[],
  { count, end }: { count: number; end: number },
): Promise<readonly string[]> {
  const newest = files.at(-1);
  if (newest === undefined || count <= 0) return [];
  const isUnfinished = isPartial(lastOfPlain(newest.fd, { count: 1, end }).at(-1) ?? '');
  let wanted = isUnfinished ? count - 1 : count;
  let found: readonly string[] = await lastOf(newest, { count: wanted, end });
  wanted -= complete(found);
  for (const file of files.slice(0, -1).toReversed()) {
    if (wanted <= 0) break;
    const lines = await lastOf(file, { count: wanted, end: fstatSync(file.fd).size });
    found = [...lines, ...found];
    wanted -= complete(lines);
  }
  return found;
}

function lastOf(file: LogFile, span: { count: number; end: number }): readonly string[] | Promise<readonly string[]> {
  return file.isPacked ? lastOfPacked(file, span.count) : lastOfPlain(file.fd, span);
}

async function lastOfPacked(file: LogFile, count: number): Promise<readonly string[]> {
  let kept: readonly string[] = [];
  for await (const lines of fileLines(file)) kept = keepLast([...kept, ...lines], count);
  return kept;
}

function lastOfPlain(fd: number, { count, end }: { count: number; end: number }): readonly string[] {
  const blocks: Buffer[] = [];
  let start = lastLineEnd(fd, end);
  let lines: readonly string[] = [];
  while (start > 0 && complete(lines) <= count) {
    const size = Math.min(blockBytes, start);
    const block = Buffer.alloc(size);
    start -= size;
    readSync(fd, block, 0, size, start);
    blocks.unshift(block);
    lines = splitLines(Buffer.concat(blocks), start === 0);
  }
  return keepLast(lines, count);
}

/** Position behind the last line feed before `size`. */
export function lastLineEnd(fd: number, size: number): number {
  const buffer = Buffer.allocUnsafe(4096);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - buffer.length);
    const bytes = readSync(fd, buffer, 0, end - start, start);
    const index = buffer.subarray(0, bytes).lastIndexOf(lineFeed);
    if (index !== -1) return start + index + 1;
    end = start;
  }
  return 0;
}

/** Whole lines; the first piece is one only when the file begins there, the last only when a line feed ends it. */
function splitLines(data: Buffer, isStart: boolean): readonly string[] {
  const from = isStart ? 0 : data.indexOf(lineFeed) + 1;
  const to = data.lastIndexOf(lineFeed);
  return to < from ? [] : data.toString('utf8', from, to).split('\n');
}

function keepLast(lines: readonly string[], count: number): readonly string[] {
  let seen = 0;
  for (let index = lines.length - 1; index >= 0; index--) {
    if (!isPartial(lines[index] ?? '')) seen++;
    if (seen > count) return lines.slice(index + 1);
  }
  return lines;
}

function complete(lines: readonly string[]): number {
  return lines.filter((line) => !isPartial(line)).length;
}

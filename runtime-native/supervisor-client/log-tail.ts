import { readSync } from 'node:fs';

/** An open log file and the position behind its last complete line. */
export interface LogFile {
  readonly fd: number;
  readonly end: number;
}

const blockBytes = 64 * 1024;
const lineFeed = 0x0a;

/**
 * The last `count` complete log lines of files (oldest first), reading backwards from the end of the last one. A record
 * that continues a partial one counts with it, so that `tail` counts lines as the container printed them.
 */
export function lastLines(files: readonly LogFile[], count: number): readonly string[] {
  const found: string[] = [];
  let wanted = count;
  for (const file of files.toReversed()) {
    if (wanted <= 0) break;
    const lines = lastLinesOf(file, wanted);
    found.unshift(...lines);
    wanted -= complete(lines);
  }
  return found;
}

function lastLinesOf({ fd, end }: LogFile, count: number): readonly string[] {
  const blocks: Buffer[] = [];
  let start = end;
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

/** Docker's json-file: a record whose text does not end in an escaped line feed continues in the next one. */
function isPartial(line: string): boolean {
  return /^\{"log":"(?:[^"\\]|\\.)*"/.test(line) && !/^\{"log":"(?:[^"\\]|\\.)*\\n"/.test(line);
}

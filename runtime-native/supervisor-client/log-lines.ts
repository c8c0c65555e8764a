import { readSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogFile } from './log-files.ts';

const blockBytes = 256 * 1024;
const lineFeed = 0x0a;

/** Complete lines of a plain file from a position on, one block of them, and the position behind the last; none: there are no more. */
export function readLines(fd: number, position: number): { readonly lines: readonly string[]; readonly next: number } {
  for (let size = blockBytes; ; size *= 2) {
    const block = Buffer.allocUnsafe(size);
    const bytes = readSync(fd, block, 0, size, position);
    const end = block.subarray(0, bytes).lastIndexOf(lineFeed);
    if (end !== -1) return { lines: block.toString('utf8', 0, end).split('\n'), next: position + end + 1 };
    if (bytes < size) return { lines: [], next: position };
  }
}

/** All complete lines of a file in blocks, of a plain one from a position on. A compressed one is read through in pieces; where it is damaged (the disk was full) it ends. */
export async function* fileLines(file: LogFile, from = 0): AsyncGenerator<readonly string[]> {
  if (file.isPacked) {
    yield* packedLines(file.fd);
    return;
  }
  for (let position = from; ; ) {
    const { lines, next } = readLines(file.fd, position);
    if (next === position) return;
    position = next;
    yield lines;
  }
}

async function* packedLines(fd: number): AsyncGenerator<readonly string[]> {
  // Errors reach whoever reads: the pipeline destroys its end with them.
  const text = pipeline(Readable.from(blocksOf(fd), { highWaterMark: 1 }), createGunzip(), () => {});
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of text as AsyncIterable<Buffer>) {
      const data = Buffer.concat([rest, piece]);
      const end = data.lastIndexOf(lineFeed);
      rest = data.subarray(end + 1);
      if (end !== -1) yield data.toString('utf8', 0, end).split('\n');
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
  }
}

/** A file from its start, read when a block is asked for and never later: the file may be closed as soon as nobody asks. */
function* blocksOf(fd: number): Generator<Buffer> {
  for (let position = 0; ; ) {
    const block = Buffer.allocUnsafe(blockBytes);
    const bytes = readSync(fd, block, 0, blockBytes, position);
    if (bytes === 0) return;
    position += bytes;
    yield block.subarray(0, bytes);
  }
}

/** Docker's json-file: a record whose text does not end in an escaped line feed continues in the next one. */
export function isPartial(line: string): boolean {
  return /^\{"log":"(?:[^"\\]|\\.)*"/.test(line) && !/^\{"log":"(?:[^"\\]|\\.)*\\n"/.test(line);
}

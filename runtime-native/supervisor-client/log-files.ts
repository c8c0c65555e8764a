import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** An open file of a log. */
export interface LogFile {
  readonly fd: number;
  /** Of the name that it was opened by. */
  readonly inode: number;
  /** 0: the one that is written to. */
  readonly index: number;
  /** gzip. */
  readonly isPacked: boolean;
}

/** So many attempts to see all files between two renames. */
const attempts = 100;

/**
 * Opens the files of a log, oldest first: `<path>`, then `<path>.1`, `<path>.2`, … or those names with `.gz`. Opened they stay, whatever
 * is renamed, compressed or removed meanwhile. A rotation that happens in between is noticed: each file is there once.
 */
export function openLogFiles(path: string): readonly LogFile[] {
  for (let attempt = 1; ; attempt++) {
    const names = logNames(path);
    const files = names.flatMap((one) => openOne(path, one));
    const isWhole = names.length === 0 || names.at(-1)?.index === 0;
    if (attempt === attempts || (isWhole && files.length === names.length && isStill(path, files))) return files;
    closeLogFiles(files);
  }
}

/** Files that were begun after `last`, oldest first, opened. `last` may have been compressed meanwhile, or be gone: then all are newer. */
export function openNewerFiles(path: string, last: LogFile): readonly LogFile[] {
  const files = openLogFiles(path);
  const place = files.findIndex((one) => (one.isPacked ? isContentOf(one, last) : one.inode === last.inode));
  closeLogFiles(files.slice(0, place + 1));
  return files.slice(place + 1);
}

/** Whether the log has gone on in another file. */
export function hasRotated(file: LogFile, path: string): boolean {
  // Between two renames, or removed with its container, there is no such name.
  const inode = inodeOf(path);
  return inode !== undefined && inode !== file.inode;
}

/** Closes them. */
export function closeLogFiles(files: readonly LogFile[]): void {
  for (const { fd } of files) closeSync(fd);
}

interface LogName {
  readonly index: number;
  readonly isPacked: boolean;
}

/** Oldest first. While it is compressed a file has both names, and the plain one counts. */
function logNames(path: string): readonly LogName[] {
  const base = basename(path);
  const found = new Map<number, LogName>();
  for (const name of namesIn(dirname(path))) {
    const match = /^(?:\.(\d+)(\.gz)?)?$/.exec(name.startsWith(base) ? name.slice(base.length) : '?');
    if (match === null) continue;
    const [, number = '0', suffix] = match;
    const index = Number(number);
    if (suffix === undefined || !found.has(index)) found.set(index, { index, isPacked: suffix !== undefined });
  }
  return [...found.values()].toSorted((one, other) => other.index - one.index);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No log yet, or the container was removed.
    return [];
  }
}

function isStill(path: string, files: readonly LogFile[]): boolean {
  const now = logNames(path);
  return (
    now.length === files.length &&
    files.every((file, place) => now[place]?.index === file.index && inodeOf(nameOf(path, file)) === file.inode)
  );
}

function openOne(path: string, name: LogName): readonly LogFile[] {
  try {
    const fd = openSync(nameOf(path, name), 'r');
    return [{ ...name, fd, inode: fstatSync(fd).ino }];
  } catch {
    // Renamed or removed since.
    return [];
  }
}

function nameOf(path: string, { index, isPacked }: LogName): string {
  return `${index === 0 ? path : `${path}.${index}`}${isPacked ? '.gz' : ''}`;
}

function inodeOf(name: string): number | undefined {
  return statSync(name, { throwIfNoEntry: false })?.ino;
}

/** By length and checksum, which stand at the end of an archive (RFC 1952). */
function isContentOf(packed: LogFile, plain: LogFile): boolean {
  const trailer = Buffer.alloc(8);
  const { size } = fstatSync(packed.fd);
  if (plain.isPacked || size < trailer.length || readSync(packed.fd, trailer, 0, 8, size - 8) < 8) return false;
  return trailer.readUInt32LE(4) === fstatSync(plain.fd).size % 2 ** 32 && trailer.readUInt32LE(0) === checksum(plain.fd);
}

function checksum(fd: number): number {
  const block = Buffer.allocUnsafe(256 * 1024);
  let sum = 0;
  for (let position = 0; ; ) {
    const bytes = readSync(fd, block, 0, block.length, position);
    if (bytes === 0) return sum;
    sum = crc32(block.subarray(0, bytes), sum);
    position += bytes;
  }
}

import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { SourceFile } from '../source/span.ts';
import type { Sources } from './context.ts';

/** Larger texts are refused: nobody writes them by hand, and every later step costs memory by their size. */
const maxBytes = 32 * 1024 * 1024;

/**
 * A reader of source texts from disk; names are relative to `cwd` where that is shorter. Pipes and devices are read only where the user
 * named them on the command line (`given`, absolute): a compose file could make us wait for them for ever.
 */
export function sourcesFrom(cwd: string, given: ReadonlySet<string>): Sources {
  const cache = new Map<string, SourceFile>();
  const damaged = new WeakSet<SourceFile>();
  return {
    isDamaged: (file) => damaged.has(file),
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
    read(path) {
      const known = cache.get(path);
      if (known !== undefined) return known;
      const bytes = readBytes(path, given.has(path));
      if ('reason' in bytes) return bytes;
      const encoding = encodingOf(bytes);
      const file = { name: shorterName(path, cwd), path, text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes) };
      if (encoding === 'utf-8' && !isUtf8(bytes)) damaged.add(file);
      cache.set(path, file);
      return file;
    },
  };
}

function readBytes(path: string, isGiven: boolean): Buffer | { reason: string } {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { reason: 'is a directory' };
    if (!stat.isFile() && !isGiven && path !== '/dev/null') return { reason: 'is not a regular file' };
    return readBounded(path) ?? { reason: `larger than ${maxBytes / 1024 / 1024} MiB` };
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    return { reason };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'too many symbolic links',
  ENXIO: 'is not a regular file',
  ERR_INVALID_ARG_VALUE: 'not a usable path',
};

/** Reads to the end, whatever size the file claims to have; `undefined` when it is larger than the limit. */
function readBounded(path: string): Buffer | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks);
      size += count;
      if (size > maxBytes) return undefined;
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** YAML may be UTF-16 when it says so with a byte order mark. */
function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function shorterName(path: string, cwd: string): string {
  const local = relative(cwd, path);
  return local !== '' && local.length < path.length ? local : path;
}

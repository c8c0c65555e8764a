import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { SourceFile } from '../source/span.ts';
import type { Sources } from './context.ts';

/** Larger texts are refused before they are read: nobody writes them by hand, and every later step costs memory by their size. */
const maxBytes = 32 * 1024 * 1024;

/** A reader of source texts from disk; names are relative to `cwd` where that is shorter. */
export function sourcesFrom(cwd: string): Sources {
  const cache = new Map<string, SourceFile>();
  return {
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
    read(path) {
      const known = cache.get(path);
      if (known !== undefined) return known;
      const text = readText(path);
      if (typeof text !== 'string') return text;
      const file = { name: shorterName(path, cwd), path, text };
      cache.set(path, file);
      return file;
    },
  };
}

function readText(path: string): string | { reason: string } {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { reason: 'is a directory' };
    if (stat.size > maxBytes) return { reason: `larger than ${maxBytes / 1024 / 1024} MiB` };
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'no such file or directory' };
    if (code === 'EACCES' || code === 'EPERM') return { reason: 'permission denied' };
    if (code === 'ENAMETOOLONG' || code === 'ELOOP' || code === 'ERR_INVALID_ARG_VALUE') return { reason: 'not a usable path' };
    throw error;
  }
}

function shorterName(path: string, cwd: string): string {
  const local = relative(cwd, path);
  return local !== '' && local.length < path.length ? local : path;
}

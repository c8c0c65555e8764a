import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite } from '../host/atomic-write.ts';
import type { Paths } from '../host/paths.ts';

/** What is remembered of the files of a directory, so that a later build need not read those that nobody has touched. */
export interface ContentStamps {
  /** Says how the file is now; returns the digest that it had when it was like that, if that is known. */
  readonly look: (path: string, found: Stats) => string | undefined;
  /** The digest of a file as it was looked at. */
  readonly learn: (path: string, digest: string) => void;
  /** Keeps what was learned. */
  readonly save: () => void;
}

/**
 * A file that was changed this short a time before it was looked at is not remembered: another change in the same tick of the file
 * system's clock could not be told from it.
 */
const settledMs = 2000;
const format = 'tscompose-content-stamps 1';

/**
 * Opens the stamps of a directory, seen in one way (`scope`): device, inode, size, time of change of content and of inode, which no program can set back. One
 * file for each scope; one that is damaged or of another form is begun anew.
 */
export function contentStamps(paths: Pick<Paths, 'contentStamps'>, scope: string): ContentStamps {
  const file = join(paths.contentStamps, createHash('sha256').update(scope).digest('hex').slice(0, 24));
  const before = read(file);
  const now = new Map<string, string>();
  const kept = new Map<string, string>();
  let isChanged = false;
  return {
    look: (path, found) => {
      const { dev, ino, size, mtimeMs, ctimeMs } = found;
      // Names with line ends cannot be written down.
      if (Date.now() - Math.max(mtimeMs, ctimeMs) < settledMs || path.includes('\n')) return undefined;
      const stamp = `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
      now.set(path, stamp);
      const known = before.get(path);
      if (known === undefined || !known.startsWith(`${stamp}\t`)) return undefined;
      kept.set(path, known);
      return known.slice(stamp.length + 1);
    },
    learn: (path, digest) => {
      const stamp = now.get(path);
      if (stamp === undefined || kept.has(path)) return;
      kept.set(path, `${stamp}\t${digest}`);
      isChanged = true;
    },
    save: () => {
      if (!isChanged) return;
      mkdirSync(paths.contentStamps, { recursive: true, mode: 0o700 });
      const lines = [...kept].map(([path, known]) => `${path}\n${known}\n`);
      atomicWrite({ path: file, data: `${format}\n${lines.join('')}`, mode: 0o600 });
    },
  };
}

/** Stamp and digest by path. */
function read(file: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return known;
    throw error;
  }
  const [head, ...lines] = text.split('\n');
  if (head !== format) return known;
  for (let at = 0; at + 1 < lines.length; at += 2) known.set(lines[at] ?? '', lines[at + 1] ?? '');
  return known;
}

import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry, FileTree } from '#core/builder/file-entry.ts';
import { isExcluded, mayHoldExceptions, type PathPattern } from '#core/builder/path-pattern.ts';
import { runHelper, type TreeRoot } from '../images/helper-client.ts';
import type { ImageStoreContext } from '../images/image-store-context.ts';
import type { ContentStamps } from './content-stamps.ts';

/** Something that files are copied from, looked at once. */
export interface SourceTree {
  readonly root: TreeRoot;
  readonly tree: FileTree;
  /** Files of a context become root's and lose extended attributes; those of an image stay what they are. */
  readonly keepsOwner: boolean;
  /** For messages. */
  readonly label: string;
  readonly isIgnored: (path: string) => boolean;
  /** Digest of an entry's content by path, for those that were asked for before. */
  readonly digests: Map<string, string>;
  /** Of a directory that later builds will look at again. */
  readonly stamps?: ContentStamps;
}

/**
 * Looks through a directory of the host, leaving out what the patterns exclude. Links are entries and never followed. `onFile` gets each
 * regular file.
 */
export function scanDirectory(
  directory: string,
  patterns: readonly PathPattern[],
  onFile: (path: string, found: Stats) => void = () => {},
): FileTree {
  const tree = new Map<string, FileEntry>([['', entryOf(directory, '')]]);
  visit('');
  return tree;

  function visit(parent: string): void {
    for (const name of readdirSync(join(directory, parent)).sort()) {
      const path = parent === '' ? name : `${parent}/${name}`;
      const isOut = patterns.length > 0 && isExcluded(path, patterns);
      if (isOut && !mayHoldExceptions(path, patterns)) continue;
      const entry = entryOf(directory, path, isOut ? undefined : onFile);
      if (!isOut) addWithParents(path, entry);
      if (entry.type === 'directory') visit(path);
    }
  }

  /** An exception brings the directories that lead to it. */
  function addWithParents(path: string, entry: FileEntry): void {
    const slash = path.lastIndexOf('/');
    const parent = slash === -1 ? '' : path.slice(0, slash);
    if (!tree.has(parent)) addWithParents(parent, entryOf(directory, parent));
    tree.set(path, entry);
  }
}

function entryOf(directory: string, path: string, onFile?: (path: string, found: Stats) => void): FileEntry {
  const found = lstatSync(`${directory}/${path}`);
  if (found.isFile()) onFile?.(path, found);
  const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'symlink' : 'special';
  return {
    path,
    type,
    mode: found.mode & 0o7777,
    uid: 0,
    gid: 0,
    sizeBytes: found.size,
    ...(type === 'symlink' ? { link: readlinkSync(join(directory, path)) } : {}),
  };
}

interface ScanLine {
  readonly entry: FileEntry;
  /** Digest of content and attributes. */
  readonly content: string;
}

/** Looks at paths of a tree with the native resolver: nothing outside the tree is seen. Absent paths give no entry. */
export async function scanTree(
  store: ImageStoreContext,
  request: {
    readonly root: TreeRoot;
    readonly paths: readonly string[];
    readonly recursive: boolean;
    readonly digests: boolean;
    readonly xattrs: boolean;
    readonly follow?: boolean;
    readonly signal?: AbortSignal;
  },
): Promise<readonly ScanLine[]> {
  const { root, signal, ...options } = request;
  const answer = await runHelper({ op: 'scan', ...root, ...options }, { helper: store.helper, signal });
  return (answer['entries'] as readonly RawLine[]).map(readLine); // parser: our own helper's lines
}

type RawLine = readonly [string, string, number, number, number, number, number, string, string?];

const types: Readonly<Record<string, FileEntry['type']>> = { f: 'file', d: 'directory', l: 'symlink' };

function readLine([path, letter, mode, uid, gid, sizeBytes, , content, attributes = '']: RawLine): ScanLine {
  const type = types[letter] ?? 'special';
  return {
    entry: { path, type, mode, uid, gid, sizeBytes, ...(type === 'symlink' ? { link: content } : {}) },
    content: `${content} ${attributes}`,
  };
}

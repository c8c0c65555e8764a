/** One entry of a tree that is copied from, as the scan tells it. */
export interface FileEntry {
  /** Relative to the tree's root, no leading slash; empty for the root itself. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'special';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Target of a symbolic link. */
  readonly link?: string;
}

/** A tree by path; a directory's children follow from the paths. */
export type FileTree = ReadonlyMap<string, FileEntry>;

/** Follows symbolic links inside the tree as if its root were `/`; undefined: it leads nowhere, or in circles. */
export function resolveEntry(tree: FileTree, path: string): FileEntry | undefined {
  let links = 0;
  let rest = path.split('/').filter((part) => part !== '' && part !== '.');
  let at: string[] = [];
  while (rest.length > 0) {
    const [part = '', ...more] = rest;
    rest = more;
    if (part === '..') {
      at = at.slice(0, -1);
      continue;
    }
    const entry = tree.get([...at, part].join('/'));
    if (entry === undefined) return undefined;
    if (entry.type !== 'symlink') {
      at = [...at, part];
      continue;
    }
    if (++links > 40) return undefined;
    const target = entry.link ?? '';
    if (target.startsWith('/')) at = [];
    rest = [...target.split('/').filter((one) => one !== '' && one !== '.'), ...rest];
  }
  return tree.get(at.join('/'));
}

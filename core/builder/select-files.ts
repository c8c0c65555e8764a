import { type FileEntry, type FileTree, resolveEntry } from './file-entry.ts';
import { symbolicMode } from './mode.ts';
import { isExcluded, matcher, parsePatterns } from './path-pattern.ts';
import type { CopyStep } from './step.ts';

/** One thing to copy: what it is there, where it goes. */
export interface Placement {
  readonly entry: FileEntry;
  /** Absolute path in the image. */
  readonly to: string;
  /** Named by the instruction itself: a file goes into a destination that is a directory; a directory keeps its attributes. */
  readonly isTop: boolean;
  readonly mode: number;
}

export type Selected = { readonly placements: readonly Placement[] } | { readonly missing: string };

/**
 * Which files a COPY takes from a tree, and where they go. Sources are paths or patterns; the contents of a directory are
 * copied, not the directory. `missing` names a source that matches nothing.
 */
export function selectFiles(tree: FileTree, step: CopyStep): Selected {
  const excludes = parsePatterns(step.excludes, { comments: false });
  const placements: Placement[] = [];
  const children = childrenOf(tree);
  const matches = step.sources.flatMap((source) =>
    source.kind === 'path' ? [findSources(tree, source.path, step.parents)] : [],
  );
  for (const found of matches) if (found.entries.length === 0) return { missing: found.path };
  const all = matches.flatMap((found) => found.entries);
  // Several files go into a directory, whatever the destination looks like.
  const intoDirectory = step.dest.endsWith('/') || all.length > 1 || step.dest === '/';
  const base = step.dest.replace(/\/$/, '');
  for (const { named, entry, below } of all) {
    const modeOf = (one: FileEntry) => (step.chmod === undefined ? one.mode : symbolicMode(step.chmod, one));
    if (entry.type !== 'directory') {
      const name = step.parents ? below : (named.split('/').at(-1) ?? '');
      if (isExcluded(named, excludes) || isExcluded(named.split('/').at(-1) ?? '', excludes)) continue;
      if (step.parents) addParents(tree, { named, below, base, placements });
      const isInside = intoDirectory || step.parents;
      placements.push({ entry, to: isInside ? `${base}/${name}` : base, isTop: !isInside, mode: modeOf(entry) });
      continue;
    }
    if (step.parents) addParents(tree, { named, below, base, placements });
    const target = step.parents && below !== '' ? `${base}/${below}` : base;
    placements.push({ entry, to: target, isTop: true, mode: modeOf(entry) });
    addBelow(entry, target);
    function addBelow(directory: FileEntry, to: string): void {
      for (const child of children.get(directory.path) ?? []) {
        const name = child.path.split('/').at(-1) ?? '';
        const path = child.path.slice(entry.path === '' ? 0 : entry.path.length + 1);
        if (isExcluded(path, excludes)) {
          // An exception below needs its directory.
          if (child.type === 'directory' && excludes.some((one) => one.isException)) addBelow(child, `${to}/${name}`);
          continue;
        }
        placements.push({ entry: child, to: `${to}/${name}`, isTop: false, mode: modeOf(child) });
        if (child.type === 'directory') addBelow(child, `${to}/${name}`);
      }
    }
  }
  return { placements };
}

interface Match {
  /** As named, without a leading slash. */
  readonly named: string;
  /** With `--parents`: the part of the path that is kept. */
  readonly below: string;
  readonly entry: FileEntry;
}

function findSources(
  tree: FileTree,
  path: string,
  parents: boolean,
): { readonly path: string; readonly entries: readonly Match[] } {
  const clean = path
    .split('/')
    .filter((part) => part !== '')
    .join('/');
  const pivot = parents ? /^(?:(.*)\/)?\.(?:\/(.*))?$/.exec(clean) : undefined;
  const [kept, whole] = splitPivot(clean, pivot);
  const plain = normal(whole);
  if (!/[*?[\\]/.test(plain)) {
    const entry = resolveEntry(tree, plain);
    return {
      path,
      entries: entry === undefined ? [] : [{ named: plain, below: kept === undefined ? plain : normal(kept), entry }],
    };
  }
  const isMatch = matcher(plain);
  const depth = kept === undefined ? 0 : plain.split('/').length - normal(kept).split('/').length;
  const entries = [...tree.values()]
    .filter((entry) => entry.path !== '' && isMatch(entry.path))
    .flatMap((entry) => {
      const resolved = resolveEntry(tree, entry.path);
      return resolved === undefined
        ? []
        : [{ named: entry.path, below: entry.path.split('/').slice(depth).join('/'), entry: resolved }];
    });
  return { path, entries };
}

/** `a/./b`: the part after the pivot, and the whole path. */
function splitPivot(path: string, pivot: RegExpExecArray | null | undefined): readonly [string | undefined, string] {
  if (pivot === null || pivot === undefined) {
    const at = path.indexOf('/./');
    return at === -1 ? [undefined, path] : [path.slice(at + 3), `${path.slice(0, at)}/${path.slice(at + 3)}`];
  }
  return [pivot[2] ?? '', [pivot[1], pivot[2]].filter(Boolean).join('/')];
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The directories between the destination and a file that keeps its path. */
function addParents(
  tree: FileTree,
  request: { readonly named: string; readonly below: string; readonly base: string; readonly placements: Placement[] },
): void {
  const kept = request.below.split('/').slice(0, -1);
  const skipped = request.named.split('/').length - request.below.split('/').length;
  for (const index of kept.keys()) {
    const entry = tree.get(
      request.named
        .split('/')
        .slice(0, skipped + index + 1)
        .join('/'),
    );
    const to = `${request.base}/${kept.slice(0, index + 1).join('/')}`;
    if (entry?.type !== 'directory' || request.placements.some((one) => one.to === to)) continue;
    request.placements.push({ entry, to, isTop: false, mode: entry.mode });
  }
}

/** Children of each directory, sorted by name. */
function childrenOf(tree: FileTree): ReadonlyMap<string, readonly FileEntry[]> {
  const children = new Map<string, FileEntry[]>();
  for (const entry of tree.values()) {
    if (entry.path === '') continue;
    const slash = entry.path.lastIndexOf('/');
    const parent = slash === -1 ? '' : entry.path.slice(0, slash);
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [entry]);
    else list.push(entry);
  }
  for (const list of children.values()) list.sort((a, b) => (a.path < b.path ? -1 : 1));
  return children;
}

import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Entries of a tree beyond which something large goes. */
const largestTree = 400;

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * One sequence of edits below a directory, as people, editors and tools make them, without a rest; `outside` is a directory of the same
 * file system from which and to which things are moved. No hard links: the kernel tells of a change under the name that was written to,
 * not under the file's other names.
 */
export function randomEdits(
  root: string,
  { random, edits, outside }: { readonly random: () => number; readonly edits: number; readonly outside: string },
): void {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const name = (): string => pick(['a', 'b', 'c', 'D', 'd', 'e f', 'é', 'index.js', '.env', '-x', 'long'.repeat(20)]) ?? 'a';
  const places = (): string[] => [
    root,
    ...entriesBelow(root)
      .filter((one) => one.isDirectory)
      .map((one) => one.path),
  ];
  const files = (): string[] =>
    entriesBelow(root)
      .filter((one) => one.isFile)
      .map((one) => one.path);
  const any = (): string | undefined => pick(entriesBelow(root))?.path;
  const fresh = (): string => join(pick(places()) ?? root, name());
  const text = (): string => `${random()}`.repeat(Math.floor(random() * (random() < 0.1 ? 20_000 : 20)));

  const kinds: readonly (() => void)[] = [
    () => writeFileSync(fresh(), text()),
    () => writeFileSync(pick(files()) ?? fresh(), text()),
    () => appendFileSync(pick(files()) ?? fresh(), text()),
    () => {
      // An editor's way: a new file, renamed into the old one's place.
      const path = pick(files()) ?? fresh();
      writeFileSync(`${path}.new`, text());
      renameSync(`${path}.new`, path);
    },
    () => rename(any(), fresh()),
    () => rmSync(any() ?? fresh(), { recursive: true, force: true }),
    () => mkdirSync(fresh(), { recursive: true }),
    () => {
      const path = pick(entriesBelow(root).filter((one) => one.isFile || one.isDirectory))?.path;
      if (path !== undefined) chmodSync(path, pick([0o644, 0o600, 0o755, 0o700, 0o444, 0o1777]) ?? 0o644);
    },
    () => symlinkSync(pick(['a', '../b', '/etc', 'nowhere']) ?? 'a', fresh()),
    () => {
      // Something of another kind in the same place.
      const path = any() ?? fresh();
      rmSync(path, { recursive: true, force: true });
      if (random() < 0.5) mkdirSync(path);
      else writeFileSync(path, text());
    },
    () => rename(any(), join(outside, name())),
    () => rename(pick(entriesBelow(outside))?.path, fresh()),
    () => {
      // There and back, or in a circle.
      const [path, between] = [any(), fresh()];
      rename(path, between);
      if (path !== undefined && random() < 0.5) writeFileSync(path, text());
      else rename(between, path ?? fresh());
    },
    () => {
      const path = pick(files());
      if (path !== undefined) utimesSync(path, random() * 1e9, random() * 1e9);
    },
    () => truncateSync(pick(files()) ?? fresh(), Math.floor(random() * 5_000)),
    () => {
      if (random() > 0.05) return;
      // All of it, as when another branch has none.
      if (random() < 0.5) rmSync(root, { recursive: true });
      else rename(root, join(outside, name()));
      mkdirSync(root, { recursive: true });
      writeFileSync(join(root, name()), text());
    },
    () => {
      // What a checkout or an install does.
      const directory = fresh();
      for (let index = 0; index < 40; index++) writeDeep(join(directory, `${index % 4}`, `f${index}`), text());
    },
  ];
  // A tree that only grows would test less and less a second.
  for (const place of [root, outside])
    if (entriesBelow(place).length > largestTree) rmSync(join(place, pick(readdirSync(place)) ?? 'a'), { recursive: true });
  for (let index = 0; index < edits; index++) {
    const edit = pick(kinds);
    if (edit !== undefined) attempt(edit);
  }
}

function writeDeep(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function rename(from: string | undefined, to: string): void {
  if (from !== undefined) renameSync(from, to);
}

/** An edit that the tree does not allow is none. */
function attempt(edit: () => void): void {
  try {
    edit();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function entriesBelow(directory: string): { path: string; isFile: boolean; isDirectory: boolean }[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((one) => {
    const path = join(directory, one.name);
    const entry = { path, isFile: one.isFile(), isDirectory: one.isDirectory() };
    return one.isDirectory() ? [entry, ...entriesBelow(path)] : [entry];
  });
}

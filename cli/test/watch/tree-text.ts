import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Tells of what is below a directory; files that have not changed since the telling before are not read again. */
export interface TreeReader {
  /** A line each: name, kind, permissions, size, time of files, text of links. */
  outline(directory: string): readonly string[];
  /** The same with the content of files. */
  all(directory: string): readonly string[];
}

export function treeReader(): TreeReader {
  const digests = new Map<string, string>();
  const digest = (path: string, stat: BigIntStats): string => {
    // The kernel sets this time at every change, and nobody can set it to another.
    const key = `${stat.dev} ${stat.ino} ${stat.ctimeNs} ${stat.size}`;
    const known = digests.get(key) ?? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
    digests.set(key, known);
    return known;
  };
  return {
    outline: (directory) => linesOf({ directory, content: () => '' }, ''),
    all: (directory) => linesOf({ directory, content: digest }, ''),
  };
}

/** The first lines that only one of two trees has. */
export function treeDifference(host: readonly string[], container: readonly string[]): readonly string[] {
  const [here, there] = [new Set(host), new Set(container)];
  return [
    ...host.filter((line) => !there.has(line)).map((line) => `host: ${line}`),
    ...container.filter((line) => !here.has(line)).map((line) => `container: ${line}`),
  ].slice(0, 10);
}

interface Tree {
  readonly directory: string;
  readonly content: (path: string, stat: BigIntStats) => string;
}

function linesOf(tree: Tree, prefix: string): string[] {
  return readdirSync(join(tree.directory, prefix))
    .sort()
    .flatMap((name) => {
      const told = `${prefix}${name}`;
      const path = join(tree.directory, told);
      const stat = lstatSync(path, { bigint: true });
      const mode = (Number(stat.mode) & 0o7777).toString(8);
      if (stat.isSymbolicLink()) return [`${told} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [`${told}/ ${mode}`, ...linesOf(tree, `${told}/`)];
      if (!stat.isFile()) return [`${told} ?`];
      return [`${told} ${mode} ${stat.size} ${stat.mtimeNs} ${tree.content(path, stat)}`];
    });
}

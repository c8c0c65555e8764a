import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** All that must be equal below a directory, a line each: name, kind, permissions, content, time of files, text of links. */
export function treeText(directory: string): readonly string[] {
  return linesOf(directory, '');
}

/** The first lines that only one of two trees has. */
export function treeDifference(host: readonly string[], container: readonly string[]): readonly string[] {
  const [here, there] = [new Set(host), new Set(container)];
  return [
    ...host.filter((line) => !there.has(line)).map((line) => `host: ${line}`),
    ...container.filter((line) => !here.has(line)).map((line) => `container: ${line}`),
  ].slice(0, 10);
}

function linesOf(directory: string, prefix: string): string[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      const told = `${prefix}${name}`;
      const stat = lstatSync(path, { bigint: true });
      const mode = (Number(stat.mode) & 0o7777).toString(8);
      if (stat.isSymbolicLink()) return [`${told} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [`${told}/ ${mode}`, ...linesOf(path, `${told}/`)];
      if (!stat.isFile()) return [`${told} ?`];
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
      return [`${told} ${mode} ${stat.size} ${digest} ${stat.mtimeNs}`];
    });
}

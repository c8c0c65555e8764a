import type { Readable } from 'node:stream';
import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { EngineFiles, FileRoot } from '../files.ts';

/** Content of a file by its path; `null`: a directory; a text with `-> ` at its start: a link. */
export type MemoryTree = Map<string, string | null>;

/** `EngineFiles` in memory. Archives are JSON, which only `extractArchive` here understands. */
export function memoryFiles(trees: (root: FileRoot) => MemoryTree): EngineFiles {
  const failed = (path: string, reason: string) =>
    new TscomposeError(diagnose('engine.copy-failed', { name: 'this machine', path, reason }));
  return {
    async statPath(root, path) {
      const content = path === '/' ? null : trees(root).get(path);
      if (content === undefined) return undefined;
      if (content === null) return { type: 'directory' };
      return content.startsWith('-> ') ? { type: 'link', target: content.slice(3) } : { type: 'file' };
    },
    async archivePath(root, { path, as }, output) {
      const tree = trees(root);
      if (!tree.has(path)) throw failed(path, 'no such file');
      const members = [...tree].filter(([one]) => one === path || one.startsWith(`${path}/`));
      const named = members.map(([one, content]) => [
        as === '.' ? one.slice(path.length + 1) : as + one.slice(path.length),
        content,
      ]);
      output.write(JSON.stringify(named.filter(([name]) => name !== '')));
    },
    async extractArchive(root, { directory }, input) {
      const tree = trees(root);
      if (directory !== '/' && tree.get(directory) !== null) throw failed(directory, 'no such directory');
      const text = (await (input as Readable).toArray()).join('');
      for (const [name, content] of JSON.parse(text) as [string, string | null][]) {
        tree.set(`${directory === '/' ? '' : directory}/${name}`, content);
      }
    },
  };
}

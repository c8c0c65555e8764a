import { basename } from 'node:path';
import type { Findings } from './step.ts';

const emptyNames: ReadonlySet<string> = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types']);

/** File names say what is inside (kebab-case, no drawer names); an open end names its issue. */
export function checkNames(files: readonly { readonly path: string; readonly text: string }[]): Findings {
  const problems: string[] = [];
  for (const { path, text } of files) {
    const [stem = ''] = basename(path).split('.');
    if (emptyNames.has(stem)) problems.push(`${path}: name the file after what it exports`);
    if (path.endsWith('.ts') && !/^(\d\d-)?[a-z0-9]+(-[a-z0-9]+)*$/.test(stem))
      problems.push(`${path}: file names are in kebab-case`);
    for (const [index, line] of text.split('\n').entries()) {
      if (/(\/\/|\/\*|^\s*\*)\s*(TODO|FIXME|XXX)\b(?! \(#\d+\))/.test(line))
        problems.push(`${path}:${index + 1}: name the issue of an open end: "TODO (#12)"`);
    }
  }
  return { problems };
}

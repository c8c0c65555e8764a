import type { Loaded } from '#core/load/request.ts';
import { positionOf, type Span } from '#core/source/span.ts';
import { harmless } from './text.ts';

/** One line a value (not a mapping or list): `services.web.image  compose.yaml:3:12 (replaces base.yaml:9:5)`, in the order of the paths. */
export function originLines(origins: Loaded['origins']): string {
  // Keys are written by the loader as the JSON of the path.
  const paths = [...origins].map(([key, origin]) => ({ segments: JSON.parse(key) as readonly (string | number)[], origin }));
  const parents = new Set(paths.map(({ segments }) => JSON.stringify(segments.slice(0, -1))));
  const leaves = paths.filter(({ segments }) => !parents.has(JSON.stringify(segments)));
  const rows = leaves.map(({ segments, origin }) => {
    const path = segments.join('.');
    const replaced = origin.replaced.length === 0 ? '' : ` (replaces ${origin.replaced.map(place).join(', ')})`;
    return { path: harmless(path), text: `${place(origin.at)}${replaced}` };
  });
  const width = Math.max(0, ...rows.map((row) => row.path.length));
  return rows
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((row) => `${row.path.padEnd(width)}  ${row.text}\n`)
    .join('');
}

function place(span: Span): string {
  const { line, column } = positionOf(span.file, span.start);
  return `${harmless(span.file.name)}:${line}:${column}`;
}

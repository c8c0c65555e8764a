import type { MapNode, Node } from '../source/tree.ts';
import type { Loaded, Origin } from './request.ts';

/** Where every value of a tree was written and what it replaced, by the JSON of its path. */
export function originsOf(tree: MapNode): Loaded['origins'] {
  const origins = new Map<string, Origin>();
  visit(tree, []);
  return origins;

  function visit(node: Node, path: readonly (string | number)[]): void {
    origins.set(JSON.stringify(path), { at: node.span, replaced: node.replaced ?? [] });
    if (node.kind === 'list') for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    else if (node.kind === 'map') {
      for (const [name, entry] of node.entries) if (!name.startsWith('\0')) visit(entry.value, [...path, name]);
    }
  }
}

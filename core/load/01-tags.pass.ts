import type { Entry, MapNode, Node } from '../source/tree.ts';

/** Removes `!reset` nodes from a document and lists the places that its tags clear in whatever lies below the document. */
export function takeTags(document: MapNode): { tree: MapNode; cleared: readonly (readonly string[])[] } {
  const cleared: (readonly string[])[] = [];
  const tree = visit(document, []);
  return { tree: tree.kind === 'map' ? tree : document, cleared };

  function visit(node: Node, path: readonly string[]): Node {
    if (node.kind === 'scalar') return node;
    if (node.kind === 'list') {
      const items = node.items.filter((item) => item.tag !== 'reset').map((item, index) => visit(item, [...path, `[${index}]`]));
      return items.length === node.items.length && items.every((item, index) => item === node.items[index])
        ? node
        : { ...node, items };
    }
    let entries: Map<string, Entry> | undefined;
    for (const [name, entry] of node.entries) {
      const at = [...path, name];
      if (entry.value.tag !== undefined) cleared.push(at);
      if (entry.value.tag === 'reset') {
        entries ??= new Map(node.entries);
        entries.delete(name);
        continue;
      }
      // The reference keeps an overriding value as it is written, tags below it included.
      const value = entry.value.tag === 'override' ? entry.value : visit(entry.value, at);
      if (value !== entry.value) {
        entries ??= new Map(node.entries);
        entries.set(name, { key: entry.key, value });
      }
    }
    return entries === undefined ? node : { ...node, entries };
  }
}

/** The tree without the members at the given places. */
export function clearPaths(tree: MapNode, cleared: readonly (readonly string[])[]): MapNode {
  let result: Node = tree;
  for (const path of cleared) result = clear(result, path, 0);
  return result.kind === 'map' ? result : tree;
}

function clear(node: Node, path: readonly string[], depth: number): Node {
  const name = path[depth];
  if (node.kind !== 'map' || name === undefined) return node;
  const entry = node.entries.get(name);
  if (entry === undefined) return node;
  const isLast = depth === path.length - 1;
  const value = isLast ? undefined : clear(entry.value, path, depth + 1);
  if (value === entry.value) return node;
  const entries = new Map(node.entries);
  if (value === undefined) entries.delete(name);
  else entries.set(name, { key: entry.key, value });
  return { ...node, entries };
}

import { sections } from '../model/project-shape.ts';
import type { Shape } from '../model/shape.ts';
import type { Span } from '../source/span.ts';
import { type MapNode, type Node, textOf } from '../source/tree.ts';
import type { Loaded, Origin } from './request.ts';

/**
 * Where every value of the model was written and what it replaced, by the JSON of its path. `KEY=value` lists have their members under
 * their keys, as the model has. `fromFiles`: values that came from env files.
 */
export function originsOf(tree: MapNode, fromFiles: ReadonlyMap<string, Span>): Loaded['origins'] {
  const origins = new Map<string, Origin>();
  visit(tree, [], undefined);
  for (const [path, at] of fromFiles) origins.set(path, { at, replaced: [] });
  return origins;

  function visit(node: Node, path: readonly (string | number)[], shape: Shape | undefined): void {
    origins.set(JSON.stringify(path), { at: node.span, replaced: node.replaced ?? [] });
    if (node.kind === 'list') {
      for (const [index, item] of node.items.entries())
        visit(item, [...path, memberName(item, shape) ?? index], below(shape, ''));
    } else if (node.kind === 'map') {
      for (const [name, entry] of node.entries) {
        if (name.startsWith('\0')) continue;
        const next = path.length === 0 ? sections[name as keyof typeof sections] : below(shape, name);
        visit(entry.value, [...path, name], next);
      }
    }
  }
}

function memberName(item: Node, shape: Shape | undefined): string | undefined {
  return shape?.kind === 'text-map' ? textOf(item)?.split('=', 1)[0] : undefined;
}

function below(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.kind === 'map') return shape.value;
  if (shape?.kind === 'list') return shape.item;
  return shape?.kind === 'struct' ? shape.fields.find((field) => field.name === name)?.shape : undefined;
}

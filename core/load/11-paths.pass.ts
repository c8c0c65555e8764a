import type { MapNode } from '../source/tree.ts';
import type { LoadContext } from './context.ts';
import { rebasePaths } from './paths.ts';

/** Makes host paths absolute; for an included model, relative to the model that includes it. */
export function resolvePaths(tree: MapNode, context: LoadContext): MapNode {
  return context.resolvesPaths ? rebasePaths(tree, context.workingDir, context) : tree;
}

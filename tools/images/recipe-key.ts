import { createHash } from 'node:crypto';
import { type Recipe, suite } from './recipe.ts';

/** Grows when assemble-root.ts starts to make something else of the same recipe. */
const assemblyVersion = 3;

/** Digest of all that decides a base image's content; not the state of Debian's mirror. */
export function recipeKey(recipe: Recipe): string {
  return createHash('sha256')
    .update(JSON.stringify([assemblyVersion, suite, process.arch, recipe]))
    .digest('hex')
    .slice(0, 20);
}

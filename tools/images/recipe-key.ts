import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Recipe, suite } from './recipe.ts';

/** Grows when assemble-root.ts starts to make something else of the same recipe. */
const assemblyVersion = 2;

/** Digest of all that decides an image's content, the files of the repository included; not the state of Debian's mirror. */
export async function recipeKey(recipe: Recipe, repository: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([assemblyVersion, suite, process.arch, recipe]));
  for (const file of Object.values(recipe.files)) {
    if ('source' in file) hash.update(await readFile(join(repository, file.source)));
  }
  return hash.digest('hex').slice(0, 20);
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '#runtime/host/database.ts';
import { statePaths } from '#runtime/host/paths.ts';
import type { ImageStore } from '#runtime/images/image-store.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { assembleRoot } from './assemble-root.ts';
import type { Recipe } from './recipe.ts';
import { recipeKey } from './recipe-key.ts';
import { type ImageName, imageGroups, recipes } from './recipes.ts';

export interface EnsureOptions {
  /** TSCOMPOSE_ROOT says into which store; TSCOMPOSE_CACHE where assembled archives are kept. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
}

const repository = join(import.meta.dirname, '../..');
const recipeLabel = 'org.tscompose.recipe';
const assembliesAtOnce = 2;

/**
 * Makes sure that the store has these images as their recipes are now: nothing to do when it has, an import when the cache
 * has the archive, mmdebstrap else. Throws with the tool's words.
 */
export async function ensureImages(names: readonly ImageName[], options: EnsureOptions): Promise<void> {
  const paths = statePaths(options.env);
  using database = openDatabase(paths.database);
  const store = openImageStore({ database, paths, helper: helperPath(options.env), env: options.env });
  const queue = [...new Set(names)];
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift())
      await ensureImage(recipes[name], { ...options, store });
  };
  await Promise.all(Array.from({ length: assembliesAtOnce }, worker));
}

function helperPath(env: NodeJS.ProcessEnv): string {
  return join(env['TSCOMPOSE_LIBEXEC'] ?? join(repository, 'runtime-native/supervisor/build'), 'tscompose-helper');
}

async function ensureImage(recipe: Recipe, options: EnsureOptions & { readonly store: ImageStore }): Promise<void> {
  const { store, env, log } = options;
  const started = performance.now();
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const key = await recipeKey(recipe, repository);
  if (store.inspect(recipe.reference)?.config.Labels?.[recipeLabel] === key) {
    log(`${recipe.reference}: up to date`);
    return;
  }
  const archive = join(env['TSCOMPOSE_CACHE'] ?? '/var/cache/tscompose', 'images', `${recipe.name}-${key}.tar.zst`);
  if (!(await exists(archive))) {
    log(`${recipe.reference}: assembling from the Debian packages ${recipe.packages.join(', ')}`);
    await assembleRoot({ recipe, target: archive, repository });
    log(`${recipe.reference}: assembled in ${elapsed()}`);
  }
  const image = await store.import({
    source: archive,
    reference: recipe.reference,
    changes: [...recipe.changes, `LABEL ${recipeLabel}=${key}`],
    message: `Assembled from Debian packages: ${recipe.packages.join(', ')}`,
  });
  log(`${recipe.reference}: imported, ${(image.sizeBytes / 1e6).toFixed(0)} MB, after ${elapsed()}`);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function namesFrom(words: readonly string[]): readonly ImageName[] {
  return words.flatMap((word) => {
    const group = imageGroups[word];
    if (group !== undefined) return group;
    if (word in recipes) return [word as ImageName]; // parser: checked by `in`
    throw new Error(
      `there is no image "${word}"; there are ${[...Object.keys(recipes), ...Object.keys(imageGroups)].join(', ')}`,
    );
  });
}

if (import.meta.main) {
  try {
    await ensureImages(namesFrom(process.argv.slice(2)), { env: process.env, log: (text) => console.error(text) });
  } catch (error) {
    console.error(`build-images: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

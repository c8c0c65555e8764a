import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '#runtime/host/database.ts';
import { statePaths } from '#runtime/host/paths.ts';
import type { ImageStore } from '#runtime/images/image-store.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { assembleRoot } from './assemble-root.ts';
import { buildSampleImages } from './build-sample-images.ts';
import { type ImageName, imageNamesFrom } from './image-names.ts';
import type { Recipe } from './recipe.ts';
import { recipeKey } from './recipe-key.ts';
import { type BaseName, recipes } from './recipes.ts';
import { type SampleBuild, sampleBuild } from './sample-build.ts';
import { type SampleImageName, sampleBases, sampleImages } from './sample-images.ts';

export interface EnsureOptions {
  /** TSCOMPOSE_ROOT says into which store; TSCOMPOSE_CACHE where archives are kept. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
}

type Ensuring = EnsureOptions & { readonly store: ImageStore; readonly archives: string };

const repository = join(import.meta.dirname, '../..');
const recipeLabel = 'org.tscompose.recipe';
const assembliesAtOnce = 2;

/**
 * Makes sure that the store has these images as their recipes and Dockerfiles are now: an import or load when the cache has the
 * archive, mmdebstrap or a build else. Throws with the tool's words.
 */
export async function ensureImages(names: readonly ImageName[], options: EnsureOptions): Promise<void> {
  const paths = statePaths(options.env);
  using database = openDatabase(paths.database);
  const store = openImageStore({ database, paths, helper: helperPath(options.env), env: options.env });
  const archives = join(options.env['TSCOMPOSE_CACHE'] ?? '/var/cache/tscompose', 'images');
  const ensuring = { ...options, store, archives };
  const queue = [...new Set(names)].filter(isBase);
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await ensureBase(recipes[name], ensuring);
  };
  await Promise.all(Array.from({ length: assembliesAtOnce }, worker));
  await ensureSampleImages([...new Set(names)].filter(isOfSample), ensuring);
}

const isBase = (name: ImageName): name is BaseName => name in recipes;
const isOfSample = (name: ImageName): name is SampleImageName => name in sampleImages;

function helperPath(env: NodeJS.ProcessEnv): string {
  return join(env['TSCOMPOSE_LIBEXEC'] ?? join(repository, 'runtime-native/supervisor/build'), 'tscompose-helper');
}

async function ensureBase(recipe: Recipe, { store, archives, log }: Ensuring): Promise<void> {
  const elapsed = stopwatch();
  const key = recipeKey(recipe);
  if (store.inspect(recipe.reference)?.config.Labels?.[recipeLabel] === key) {
    log(`${recipe.reference}: up to date`);
    return;
  }
  const archive = join(archives, `${recipe.name}-${key}.tar.zst`);
  if (!(await exists(archive))) {
    log(`${recipe.reference}: assembling from the Debian packages ${recipe.packages.join(', ')}`);
    await assembleRoot({ recipe, target: archive });
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

/** Builds what the cache lacks, all together, and loads everything. */
async function ensureSampleImages(names: readonly SampleImageName[], { store, archives, log, env }: Ensuring): Promise<void> {
  const builds = await Promise.all(names.map((name) => sampleBuild(name, { repository, archives, env })));
  const missing: SampleBuild[] = [];
  for (const build of builds) if (!(await exists(build.archive))) missing.push(build);
  const elapsed = stopwatch();
  if (missing.length > 0) {
    log(`building ${missing.map((one) => one.reference).join(', ')}`);
    const bases = missing.map(({ name }) => sampleBases[name] ?? 'debian');
    const prepare = (root: string) => ensureImages(bases, { env: { ...env, TSCOMPOSE_ROOT: root }, log });
    await buildSampleImages({ builds: missing, repository, env, prepare });
    log(`built after ${elapsed()}`);
  }
  for (const build of builds) {
    await store.load(build.archive, () => {});
    log(`${build.reference}: loaded after ${elapsed()}`);
  }
}

function stopwatch(): () => string {
  const started = performance.now();
  return () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

if (import.meta.main) {
  try {
    await ensureImages(imageNamesFrom(process.argv.slice(2)), { env: process.env, log: (text) => console.error(text) });
  } catch (error) {
    console.error(`build-images: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

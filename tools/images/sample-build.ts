import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { loadProject } from '#core/load/load-project.ts';
import type { Build, FileObject } from '#core/model/project.ts';
import { runCommand } from '../process/run-command.ts';
import { authorities } from './authorities.ts';
import { recipeKey } from './recipe-key.ts';
import { recipes } from './recipes.ts';
import { type SampleImageName, sampleBases, sampleImages } from './sample-images.ts';
import { treeDigest } from './tree-digest.ts';

/** How one image of a sample is built, and where its archive is kept. */
export interface SampleBuild {
  readonly name: SampleImageName;
  readonly reference: string;
  readonly build: Build;
  /** Secrets of its project that the build uses. */
  readonly secrets: Readonly<Record<string, FileObject>>;
  readonly archive: string;
}

/** Reads the build of an image from its sample's compose file. The archive's name has a digest of all that decides the image. */
export async function sampleBuild(
  name: SampleImageName,
  { repository, archives, env }: { readonly repository: string; readonly archives: string; readonly env: NodeJS.ProcessEnv },
): Promise<SampleBuild> {
  const [sample, service] = sampleImages[name];
  const cwd = join(repository, 'samples', sample);
  const variables = {
    NODE_EXTRA_CA_CERTS: authorities(env),
    NPM_DIRECTORY: name === 'node' ? await npmDirectory(env) : '',
    REGISTRY_ADDRESS: 'wanted, not used',
  };
  const { project } = await loadProject({ cwd, env: variables, files: [], envFiles: [], profiles: ['*'], services: [] });
  const { image, build } = project.services[service] ?? {};
  if (image === undefined || build?.context === undefined) throw new Error(`${cwd}: service "${service}" has no build`);
  const words = JSON.stringify(build).replaceAll(relative('/', repository), '');
  const contexts = [build.context, ...Object.values(build.additional_contexts ?? {})];
  const digests = await Promise.all(contexts.map(treeDigest));
  const base = sampleBases[name];
  const below = base === undefined ? recipeKey(recipes.debian) : (await sampleBuild(base, { repository, archives, env })).archive;
  const key = createHash('sha256')
    .update(JSON.stringify([below.replace(archives, ''), words, digests]))
    .digest('hex')
    .slice(0, 20);
  const used = (build.secrets ?? []).flatMap(({ source }) => (source === undefined ? [] : [source]));
  const secrets = Object.fromEntries(Object.entries(project.secrets ?? {}).filter(([secret]) => used.includes(secret)));
  return { name, reference: image, build, secrets, archive: join(archives, `${name}-${key}.tar`) };
}

/** Where the npm of this machine is, as it says itself. */
async function npmDirectory(env: NodeJS.ProcessEnv): Promise<string> {
  const { exitCode, stdout } = await runCommand({ argv: ['npm', 'root', '-g'], env, timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`"npm root -g" ended with status ${exitCode}`);
  return join(stdout.trim(), 'npm');
}

import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import type { SampleBuild } from './sample-build.ts';

const limitMs = 900_000;

/**
 * Builds images with `tscompose build` in a store that lives only as long, and saves each to its archive. What they share is
 * built once. A build that fails is tried once more: package mirrors have bad moments. Throws with the last words of the build.
 */
export async function buildSampleImages(request: {
  readonly builds: readonly SampleBuild[];
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  /** Brings the base image into the store of a state root. */
  readonly prepare: (root: string) => Promise<void>;
}): Promise<void> {
  await using home = await openHome();
  const root = join(home.path, 'r');
  await request.prepare(root);
  await writeFile(join(home.path, 'compose.json'), JSON.stringify(composeFile(request.builds)));
  const program = join(request.repository, 'bin/tscompose');
  const env = { ...request.env, TSCOMPOSE_ROOT: root };
  const tscompose = (...args: readonly string[]) =>
    runCommand({ argv: [program, '-f', 'compose.json', ...args], cwd: home.path, env, timeoutMs: limitMs });
  let built = await tscompose('--progress', 'plain', 'build');
  if (built.exitCode !== 0) built = await tscompose('--progress', 'plain', 'build');
  if (built.exitCode !== 0) throw new Error(`the build ended with status ${built.exitCode}:\n${built.output.slice(-4000)}`);
  for (const { archive, reference } of request.builds) {
    await mkdir(dirname(archive), { recursive: true });
    const temporary = `${archive}.${process.pid}.tmp`;
    const saved = await tscompose('image', 'save', '--format', 'oci', '-o', temporary, reference);
    if (saved.exitCode !== 0) throw new Error(`${reference} cannot be saved:\n${saved.output}`);
    await rename(temporary, archive);
  }
}

async function openHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tsc-images-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function composeFile(builds: readonly SampleBuild[]): unknown {
  const services = Object.fromEntries(builds.map(({ name, reference, build }) => [name, { image: reference, build }]));
  return { name: 'images', services, secrets: Object.assign({}, ...builds.map((one) => one.secrets)) };
}

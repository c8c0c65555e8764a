import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Recipe, suite } from './recipe.ts';

/**
 * Makes the root file system of a recipe with mmdebstrap and writes it to `target` as a tar archive (zstd),
 * whole or not at all.
 */
export async function assembleRoot({ recipe, target }: { readonly recipe: Recipe; readonly target: string }): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await using staging = await openStaging(dirname(target));
  const root = join(staging.path, 'root');
  await mmdebstrap(recipe, root);
  await run({ argv: ['/bin/sh', '-euc', recipe.script], cwd: root });
  await placeFiles(recipe, root);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await archive(root, temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function openStaging(directory: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(directory, 'assembling-'));
  await chmod(path, 0o755); // apt's own user must get in
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function mmdebstrap(recipe: Recipe, root: string): Promise<void> {
  // `extract`: packages are unpacked, not configured; a few seconds instead of half a minute.
  const options = ['--quiet', '--mode=root', `--variant=${recipe.variant}`, '--skip=cleanup/apt', '--format=directory'];
  const argv = [...options, ...recipe.options, `--include=${recipe.packages.join(',')}`, suite, root];
  await run({ argv: ['mmdebstrap', ...argv], cwd: '/' });
}

async function placeFiles(recipe: Recipe, root: string): Promise<void> {
  for (const [path, { text, mode = 0o644 }] of Object.entries(recipe.files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    await chmod(target, mode);
  }
}

async function archive(root: string, output: string): Promise<void> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const argv = ['tar', '--create', '--sort=name', '--numeric-owner', '--xattrs', '--xattrs-include=*', '.'] as const;
  await run({ argv, cwd: root, output: async (stdout) => pipeline(stdout, compress, createWriteStream(output)) });
}

async function run(request: {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly output?: (stdout: Readable) => Promise<void>;
}): Promise<void> {
  const [program, ...args] = request.argv;
  const child = spawn(program, args, { cwd: request.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const words: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  if (request.output === undefined) child.stdout.on('data', (chunk: Buffer) => words.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(cannotStart(program, error))).on('close', resolve);
  });
  const [status] = await Promise.all([ended, request.output?.(child.stdout)]);
  if (status !== 0) throw new Error(`"${program}" ended with status ${status}:\n${Buffer.concat(words).toString().slice(-2000)}`);
}

function cannotStart(program: string, error: Error): Error {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  return new Error(isMissing ? `"${program}" is missing: apt-get install --no-install-recommends ${program}` : error.message, {
    cause: error,
  });
}

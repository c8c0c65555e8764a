import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Recipe, suite } from './recipe.ts';

/**
 * Makes the root file system of a recipe with mmdebstrap and writes it to `target` as a tar archive (zstd),
 * whole or not at all.
 */
export async function assembleRoot(request: {
  readonly recipe: Recipe;
  readonly target: string;
  readonly repository: string;
}): Promise<void> {
  const { recipe, target, repository } = request;
  await mkdir(dirname(target), { recursive: true });
  await using staging = await openStaging(dirname(target));
  const root = join(staging.path, 'root');
  const files = join(staging.path, 'files');
  await stageFiles({ recipe, repository, directory: files });
  await mmdebstrap(recipe, root);
  await run({ argv: ['/bin/sh', '-c', finishingScript(recipe, files)], cwd: root });
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

async function stageFiles(request: { recipe: Recipe; repository: string; directory: string }): Promise<void> {
  await mkdir(request.directory);
  for (const [path, file] of Object.entries(request.recipe.files)) {
    const target = join(request.directory, path);
    await mkdir(dirname(target), { recursive: true });
    if ('text' in file) await writeFile(target, file.text);
    else await copyFile(join(request.repository, file.source), target);
    await chmod(target, 'text' in file ? 0o644 : (file.mode ?? 0o644));
  }
}

/** What every image has: busybox as its tools, no package manager, no documentation but the licences. */
function finishingScript(recipe: Recipe, files: string): string {
  return `set -eu
rm -rf etc/apt etc/dpkg var/lib/apt var/cache/* var/lib/dpkg var/log/* etc/hostname etc/resolv.conf etc/fstab dev/* \\
  usr/share/man usr/share/info usr/share/lintian usr/share/bug usr/share/bash-completion lib/systemd usr/lib/systemd
find usr/share/doc ! -type d ! -name copyright -delete 2>/dev/null || true
find usr/share/locale -mindepth 1 -delete 2>/dev/null || true
mkdir -p bin sbin usr/bin usr/sbin usr/local/bin dev proc sys run tmp var/tmp var/log var/cache root home etc
chmod 1777 tmp var/tmp
chmod 0700 root
[ -e var/run ] || ln -s /run var/run
chroot . /bin/busybox --install -s 2>/dev/null || true # complains about tools that a package brought
for file in $(cd '${files}' && find . -type f); do
  mkdir -p "$(dirname "$file")"
  cp -p '${files}'/"$file" "$file"
  chown 0:0 "$file"
done
${recipe.script}
`;
}

async function mmdebstrap(recipe: Recipe, root: string): Promise<void> {
  // `extract`: packages are unpacked, not configured; a few seconds an image instead of half a minute.
  const options = ['--quiet', '--mode=root', '--variant=extract', '--skip=cleanup/apt', '--format=directory'];
  await run({ argv: ['mmdebstrap', ...options, `--include=${recipe.packages.join(',')}`, suite, root], cwd: '/' });
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

import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { diagnose } from '#core/builder/catalogue.ts';
import type { CopySource, CopyStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { remoteLabel } from './add-archives.ts';
import type { BuildSession } from './build-session.ts';
import { checkOutSource } from './git-source.ts';
import { fetchUrl } from './remote-context.ts';
import { resolveBelow } from './resolve-below.ts';
import { type SourceTree, scanDirectory } from './source-tree.ts';

/** Fetches what ADD names by its address: a tree, and the path in it that is meant. */
export async function fetchSource(
  session: BuildSession,
  source: Extract<CopySource, { kind: 'url' | 'git' }>,
  step: CopyStep,
): Promise<{ readonly tree: SourceTree; readonly path: string }> {
  const directory = join(session.workspace.path, session.uniqueName('fetched'));
  const path = source.kind === 'git' ? '.' : fileName(source.url);
  let root = directory;
  if (source.kind === 'git') {
    const { commit, subdirectory } = await checkOutSource(session, {
      url: source.url,
      directory,
      keepsGitDirectory: step.keepGitDir,
    });
    if (step.checksum !== undefined && !commit.startsWith(step.checksum)) throw mismatch(source.url, `the commit is ${commit}`);
    if (subdirectory !== '') root = resolveBelow({ base: directory, path: subdirectory, volume: source.url });
  } else {
    mkdirSync(directory, { mode: 0o755 });
    await download(session, { url: source.url, target: join(directory, path), checksum: step.checksum });
  }
  const tree = {
    root: { root },
    tree: scanDirectory(root, []),
    keepsOwner: false,
    label: remoteLabel,
    isIgnored: () => false,
    digests: new Map<string, string>(),
  };
  return { tree, path };
}

function fileName(url: string): string {
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new TscomposeError(diagnose('build.download-failed', { url, reason: 'the address has no file name' }));
  }
  return name;
}

async function download(
  session: BuildSession,
  request: { readonly url: string; readonly target: string; readonly checksum: string | undefined },
): Promise<void> {
  const response = await fetchUrl(request.url, session.signal);
  const hash = createHash('sha256');
  const digesting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // The same class under two names.
  const body = Readable.fromWeb(response.body as ReadableStream);
  // As Docker: nobody but root reads what was fetched, until --chmod says so.
  await pipeline(body, digesting, createWriteStream(request.target, { mode: 0o600 }), { signal: session.signal });
  const digest = `sha256:${hash.digest('hex')}`;
  if (request.checksum !== undefined && digest !== request.checksum) throw mismatch(request.url, `its digest is ${digest}`);
  const modified = Date.parse(response.headers.get('last-modified') ?? '');
  const seconds = Number.isNaN(modified) ? 0 : modified / 1000;
  utimesSync(request.target, seconds, seconds);
}

function mismatch(url: string, reason: string): TscomposeError {
  return new TscomposeError(diagnose('build.download-failed', { url, reason: `the checksum is wrong: ${reason}` }));
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { diagnose } from '#core/builder/catalogue.ts';
import { isGitUrl } from '#core/builder/copy-instruction.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { runHelper } from '../images/helper-client.ts';
import type { BuildSession } from './build-session.ts';
import { checkOutSource } from './git-source.ts';
import { resolveBelow } from './resolve-below.ts';

type Fetching = Pick<BuildSession, 'store' | 'workspace' | 'signal' | 'uniqueName' | 'context'>;

/** Whether a context is fetched: a git repository or an archive. */
export function isRemote(context: string): boolean {
  return isGitUrl(context) || /^(?:https?:\/\/|github\.com\/)/.test(context);
}

/** Fetches a context into the build's workspace and returns its directory. */
export async function fetchContext(session: Fetching, context: string): Promise<string> {
  const directory = join(session.workspace.path, session.uniqueName('context'));
  const url = context.startsWith('github.com/') ? `https://${context}` : context;
  if (isGitUrl(url) || context.startsWith('github.com/')) {
    const { subdirectory } = await checkOutSource(session, { url, directory, keepsGitDirectory: false });
    if (subdirectory === '') return directory;
    return resolveBelow({ base: directory, path: subdirectory, volume: context });
  }
  const response = await fetchUrl(url, session.signal);
  mkdirSync(directory, { mode: 0o755 });
  const body = Readable.fromWeb(response.body as ReadableStream); // the same class under two names
  const answer = await runHelper(
    { op: 'add-archive', target: { root: directory }, to: '' },
    { helper: session.store.helper, stream: body, signal: session.signal },
  );
  if (answer['isArchive'] !== true) {
    throw new TscomposeError(
      diagnose('build.context-unusable', { context, reason: 'it is neither a git repository nor a tar archive' }),
    );
  }
  return directory;
}

/** GET that must succeed. Rejects with `build.download-failed`. */
export async function fetchUrl(url: string, signal: AbortSignal): Promise<Response> {
  const fail = (reason: string, cause?: unknown) =>
    new TscomposeError(diagnose('build.download-failed', { url, reason }), { cause });
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { 'user-agent': 'tscompose' } });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error ? error.cause : undefined;
    throw fail(cause instanceof Error ? cause.message : String(error), error);
  }
  if (!response.ok || response.body === null) throw fail(`the server answers ${response.status}`);
  return response;
}

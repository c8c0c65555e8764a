import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { findProgram } from '../host/programs.ts';
import { runProgram } from '../host/run-program.ts';
import type { BuildSession } from './build-session.ts';

/** Nothing of a repository or of the user's configuration may run a program or read a local path. */
const guards = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.file.allow=never',
  '-c',
  'protocol.ext.allow=never',
  '-c',
  'core.fsmonitor=false',
];

/** Checks a repository out: `url[#ref[:subdirectory]]`. Returns the commit and the subdirectory. */
export async function checkOut(
  session: Pick<BuildSession, 'signal' | 'context'>,
  request: { readonly url: string; readonly directory: string; readonly keepsGitDirectory: boolean },
): Promise<{ readonly commit: string; readonly subdirectory: string }> {
  const { directory } = request;
  const [repository = '', fragment = ''] = request.url.split('#', 2);
  const [ref = '', subdirectory = ''] = fragment.split(':', 2);
  const git = findProgram('git');
  const fail = (reason: string, cause?: unknown) =>
    new TscomposeError(diagnose('build.download-failed', { url: request.url, reason }), { cause });
  if (git === undefined) throw fail('git is not installed');
  // A name that begins with a dash would be an option.
  if (repository.startsWith('-') || ref.startsWith('-')) throw fail('it is no repository');
  mkdirSync(directory, { mode: 0o755 });
  const run = (...args: readonly string[]) =>
    runProgram({
      argv: [git, ...guards, '-C', directory, ...args],
      signal: session.signal,
      env: gitEnvironment(session.context.env),
    });
  try {
    await run('init', '--quiet');
    await run('remote', 'add', 'origin', repository);
    await fetchRef(run, ref);
    await run('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    await run('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
    const commit = (await run('rev-parse', 'HEAD')).trim();
    if (!request.keepsGitDirectory) rmSync(join(directory, '.git'), { recursive: true, force: true });
    return { commit, subdirectory };
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof TscomposeError)) throw error;
    throw fail(error.message, error);
  }
}

/** One commit where the server gives it; all of them for a shortened commit id. */
async function fetchRef(run: (...args: readonly string[]) => Promise<string>, ref: string): Promise<void> {
  const isShortCommit = /^[0-9a-f]{7,39}$/.test(ref);
  if (!isShortCommit) {
    await run('fetch', '--quiet', '--depth=1', 'origin', ref === '' ? 'HEAD' : ref);
    return;
  }
  await run('fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  await run('update-ref', 'FETCH_HEAD', ref);
}

function gitEnvironment(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const kept = ['HOME', 'SSH_AUTH_SOCK', 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const values = kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(values), GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' };
}

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { findProgram } from './programs.ts';
import { runProgram } from './run-program.ts';

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

/** `url[#ref[:subdirectory]]`; parts that are not written are empty. */
export interface GitReference {
  readonly repository: string;
  readonly ref: string;
  readonly subdirectory: string;
}

export interface GitRequest {
  readonly reference: GitReference;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** The error to throw, for a reason in words. */
  readonly fail: (reason: string, cause?: unknown) => TscomposeError;
}

export function parseGitReference(url: string): GitReference {
  const [repository = '', fragment = ''] = url.split('#', 2);
  const [ref = '', subdirectory = ''] = fragment.split(':', 2);
  return { repository, ref, subdirectory };
}

/** Checks a repository out, with its submodules, into a new directory; resolves with the commit. Throws what `fail` makes. */
export async function checkOut(
  request: GitRequest & {
    readonly directory: string;
    readonly keepsGitDirectory: boolean;
    /** Default true. */
    readonly submodules?: boolean | undefined;
  },
): Promise<string> {
  const { directory, reference } = request;
  return withGit(request, async (git) => {
    mkdirSync(directory, { mode: 0o755 });
    const run = (...args: readonly string[]) => git('-C', directory, ...args);
    await run('init', '--quiet');
    await run('remote', 'add', 'origin', reference.repository);
    await fetchRef(run, reference.ref);
    await run('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    if (request.submodules !== false) await run('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
    const commit = (await run('rev-parse', 'HEAD')).trim();
    if (!request.keepsGitDirectory) rmSync(join(directory, '.git'), { recursive: true, force: true });
    return commit;
  });
}

/** The object id that a reference names in the repository now; one that is written whole is not asked for. */
export async function resolveGitReference(request: GitRequest): Promise<string> {
  const { repository, ref } = request.reference;
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  return withGit(request, async (git) => {
    const lines = await git('ls-remote', '--', repository, ref === '' ? 'HEAD' : ref);
    const [id] = /^[0-9a-f]{40}(?=\t)/.exec(lines) ?? [];
    if (id === undefined) throw request.fail(`the repository has no ${ref === '' ? 'default branch' : `"${ref}"`}`);
    return id;
  });
}

type Git = (...args: readonly string[]) => Promise<string>;

async function withGit<T>(request: GitRequest, work: (git: Git) => Promise<T>): Promise<T> {
  const { reference, env, signal, fail } = request;
  const program = findProgram('git');
  if (program === undefined) throw fail('git is not installed');
  // A name that begins with a dash would be an option.
  if (reference.repository.startsWith('-') || reference.ref.startsWith('-')) throw fail('it is no repository');
  try {
    return await work((...args) => runProgram({ argv: [program, ...guards, ...args], signal, env: gitEnvironment(env) }));
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof TscomposeError) || error.diagnostics[0]?.code !== 'engine.program-failed') throw error;
    throw fail(error.message, error);
  }
}

/** One commit where the server gives it; all of them for a shortened commit id. */
async function fetchRef(run: Git, ref: string): Promise<void> {
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

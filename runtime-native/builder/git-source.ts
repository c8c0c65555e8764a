import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { checkOut } from '../host/git.ts';
import type { BuildSession } from './build-session.ts';
import { parseGitQuery } from './git-query.ts';

/** Checks a repository out, see `parseGitQuery`. Returns the commit and the subdirectory. */
export async function checkOutSource(
  session: Pick<BuildSession, 'signal' | 'context'>,
  request: { readonly url: string; readonly directory: string; readonly keepsGitDirectory: boolean },
): Promise<{ readonly commit: string; readonly subdirectory: string }> {
  const { url, directory } = request;
  const fail = (reason: string, cause?: unknown) =>
    new TscomposeError(diagnose('build.download-failed', { url, reason }), { cause });
  const query = parseGitQuery(url);
  if (typeof query === 'string') throw fail(query);
  const { reference, submodules } = query;
  const keepsGitDirectory = query.keepsGitDirectory ?? request.keepsGitDirectory;
  const { env } = session.context;
  const commit = await checkOut({ reference, directory, keepsGitDirectory, submodules, env, signal: session.signal, fail });
  if (query.commit !== undefined && !commit.startsWith(query.commit)) throw fail(`the commit is ${commit}`);
  return { commit, subdirectory: reference.subdirectory };
}

import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { checkOut, parseGitReference } from '../host/git.ts';
import type { BuildSession } from './build-session.ts';

/** Checks a repository out: `url[#ref[:subdirectory]]`. Returns the commit and the subdirectory. */
export async function checkOutSource(
  session: Pick<BuildSession, 'signal' | 'context'>,
  request: { readonly url: string; readonly directory: string; readonly keepsGitDirectory: boolean },
): Promise<{ readonly commit: string; readonly subdirectory: string }> {
  const { url, directory, keepsGitDirectory } = request;
  const reference = parseGitReference(url);
  const commit = await checkOut({
    reference,
    directory,
    keepsGitDirectory,
    env: session.context.env,
    signal: session.signal,
    fail: (reason, cause) => new TscomposeError(diagnose('build.download-failed', { url, reason }), { cause }),
  });
  return { commit, subdirectory: reference.subdirectory };
}

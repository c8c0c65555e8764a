import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileNames } from '#core/load/file-names.ts';
import { resolveBelow } from '../builder/resolve-below.ts';
import { checkOut, parseGitReference, resolveGitReference } from '../host/git.ts';
import { cacheEntry } from './cache-entry.ts';
import type { DefinitionRequest } from './definition-request.ts';
import { refused } from './refused.ts';

/** Checks the commit that a git reference means now out into the cache; resolves with the path of the compose file in it. */
export async function fetchRepository(request: DefinitionRequest, cache: string): Promise<string> {
  const reference = parseGitReference(request.reference);
  const fail = (reason: string, cause?: unknown) => refused(reason, { cause });
  const { env, signal } = request;
  const commit = await resolveGitReference({ reference, env, signal, fail });
  const directory = await cacheEntry(cache, commit, async (into) => {
    await checkOut({ reference: { ...reference, ref: commit }, directory: into, keepsGitDirectory: false, env, signal, fail });
  });
  return fileBelow(directory, reference.subdirectory);
}

/** The file that is meant, or the one with a usual name in the directory that is meant; links are not followed. */
function fileBelow(directory: string, path: string): string {
  const target = below(directory, path);
  if (target !== undefined && statSync(target).isFile()) return target;
  const found = fileNames.flatMap((name) => below(directory, join(path, name)) ?? []).find((one) => statSync(one).isFile());
  if (found === undefined) throw refused(`the repository has no compose file${path === '' ? '' : ` at "${path}"`}`);
  return found;
}

function below(base: string, path: string): string | undefined {
  try {
    return resolveBelow({ base, path, volume: path });
  } catch {
    return undefined; // it does not exist, is a link, or leads out: no file for us
  }
}

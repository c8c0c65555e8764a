import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DefinitionRequest } from './definition-request.ts';
import { fetchRepository } from './git-repository.ts';
import { fetchArtifact } from './oci-artifact.ts';
import { refused } from './refused.ts';

/**
 * Fetches a definition into the cache of the user, a directory a commit or digest, and resolves with the path of its compose
 * file there. What is in the cache is not fetched again. Throws `engine.definition-refused`.
 */
export async function fetchDefinition(request: DefinitionRequest): Promise<string> {
  const { reference, env } = request;
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'tscompose', 'definitions');
  const isArtifact = /^oci:\/\//i.test(reference);
  checkEnabled(env, isArtifact ? 'COMPOSE_EXPERIMENTAL_OCI_REMOTE' : 'COMPOSE_EXPERIMENTAL_GIT_REMOTE');
  if (isArtifact) return fetchArtifact(request, cache);
  const url = reference.replace(/^github\.com\//i, 'https://github.com/');
  // As Docker Compose: a web address is a repository only when it says so.
  if (/^https?:/i.test(url) && !/^https?:\/\/[^#?]+\.git(#|$)/i.test(url)) {
    throw refused('it is neither a git repository (https://….git) nor an OCI artifact (oci://…)');
  }
  return fetchRepository({ ...request, reference: url }, cache);
}

/** Go's `strconv.ParseBool`, as Docker Compose reads the variable. */
function checkEnabled(env: NodeJS.ProcessEnv, name: string): void {
  const value = env[name] ?? '';
  if (/^(|1|t|T|TRUE|true|True)$/.test(value)) return;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) throw refused(`${name}=${value} forbids it`);
  throw refused(`${name} must be true or false, not "${value}"`);
}

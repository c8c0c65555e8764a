import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Docker Hub's key in the file, for historical reasons. */
const dockerHubKey = 'https://index.docker.io/v1/';

/** What `docker login` stored for a registry in `~/.docker/config.json` (`DOCKER_CONFIG`); undefined: ask anonymously. */
export async function findCredentials(registry: string, env: NodeJS.ProcessEnv): Promise<Credentials | undefined> {
  const directory = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const text = await readFile(join(directory, 'config.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const keys =
    registry === 'docker.io' ? [dockerHubKey, 'docker.io'] : [registry, `https://${registry}`, `https://${registry}/v1/`];
  const auths = storedAuths(text);
  for (const key of keys) {
    const auth = auths[key]?.auth;
    if (typeof auth !== 'string') continue;
    const [user = '', password = ''] = Buffer.from(auth, 'base64').toString().split(/:(.*)/s);
    if (user !== '') return { user, password };
  }
  return undefined;
}

export function basicHeader(credentials: Credentials): string {
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function storedAuths(text: string): Readonly<Record<string, { readonly auth?: unknown } | undefined>> {
  try {
    const { auths } = JSON.parse(text) as { auths?: unknown }; // parser: `auth` is checked by the caller
    return typeof auths === 'object' && auths !== null ? (auths as Record<string, { auth?: unknown }>) : {};
  } catch {
    // A damaged file is Docker's to report; without it the registry says what it wants.
    return {};
  }
}

import { callCredentialHelper } from './credential-helper.ts';
import { readDockerConfig, type StoredAuth, serverKeys } from './docker-config.ts';
import { RegistryError } from './registry-error.ts';

/** How to prove who one is: by password, by a token that buys access tokens, or by an access token. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string }
  | { readonly kind: 'registry-token'; readonly token: string };

/** What `login` of us or of Docker stored for a registry, in a file or with a helper; undefined: ask anonymously. */
export async function findCredentials(
  registry: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Credentials | undefined> {
  const config = readDockerConfig(env);
  const keys = serverKeys(registry);
  const helper = keys.map((key) => config.credHelpers[key]).find((one) => one !== undefined) ?? config.credsStore;
  if (helper !== undefined) {
    const text = await callCredentialHelper({ name: helper, action: 'get', input: keys[0], env, signal });
    if (text !== undefined) return parseHelperEntry(text, helper);
  }
  for (const key of keys) {
    const found = fromStored(config.auths[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function basicHeader({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function fromStored(stored: StoredAuth | undefined): Credentials | undefined {
  if (stored === undefined) return undefined;
  const { auth, identitytoken, registrytoken } = stored;
  if (typeof registrytoken === 'string' && registrytoken !== '') return { kind: 'registry-token', token: registrytoken };
  if (typeof identitytoken === 'string' && identitytoken !== '') return { kind: 'identity-token', token: identitytoken };
  if (typeof auth !== 'string') return undefined;
  const [user = '', password = ''] = Buffer.from(auth, 'base64').toString().split(/:(.*)/s);
  // Docker pads short passwords with zero bytes.
  return user === '' ? undefined : { kind: 'password', user, password: password.replace(/\0+$/, '') };
}

function parseHelperEntry(text: string, helper: string): Credentials {
  let value: { readonly Username?: unknown; readonly Secret?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value; // parser: members are checked below
  } catch {
    value = null;
  }
  const { Username: user, Secret: secret } = value ?? {};
  if (typeof user !== 'string' || typeof secret !== 'string') {
    throw new RegistryError(`the credential helper "docker-credential-${helper}" answered something else than an entry`);
  }
  return user === '<token>' ? { kind: 'identity-token', token: secret } : { kind: 'password', user, password: secret };
}

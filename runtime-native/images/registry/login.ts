import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { authorise } from './authorise.ts';
import { callCredentialHelper } from './credential-helper.ts';
import { basicHeader } from './credentials.ts';
import { type DockerConfig, readDockerConfig, type StoredAuth, serverKeys, writeAuths } from './docker-config.ts';
import type { Endpoint } from './endpoint.ts';
import { followRedirects } from './follow-redirects.ts';
import { refusal, unreachable } from './refusal.ts';
import { registryConnections } from './registry-connections.ts';
import { RegistryError } from './registry-error.ts';

export interface Login {
  /** `docker.io`, `registry.lan:5000`; a scheme or path before or after it is taken away. */
  readonly registry: string;
  readonly user: string;
  readonly password: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Where a password went. */
export interface Stored {
  readonly registry: string;
  /** Path of the file, or name of the helper. */
  readonly place: string;
  /** In a file, as base64, which is no protection. */
  readonly isPlain: boolean;
}

/**
 * Tries user and password at the registry and stores them where Docker looks for them: with a credential helper, if one is
 * configured, else in `~/.docker/config.json`. Rejects with `engine.login-failed`.
 */
export async function logIn(login: Login): Promise<Stored> {
  const registry = registryName(login.registry);
  return explained(registry, async () => {
    const { refreshToken } = await tryPassword({ ...login, registry });
    const entry = refreshToken === undefined ? login : { ...login, user: '<token>', password: refreshToken };
    return store(readDockerConfig(login.env), { ...entry, registry });
  });
}

/** Forgets what is stored for a registry; tells whether there was something. Rejects with `engine.login-failed`. */
export async function logOut(request: Pick<Login, 'registry' | 'env' | 'signal'>): Promise<boolean> {
  const registry = registryName(request.registry);
  return explained(registry, async () => {
    const config = readDockerConfig(request.env);
    const keys = serverKeys(registry);
    const known = keys.filter((key) => config.auths[key] !== undefined);
    const helper = helperOf(config, registry);
    let hadSecret = false;
    if (helper !== undefined) {
      const call = { name: helper, input: keys[0], env: request.env, signal: request.signal };
      hadSecret = (await callCredentialHelper({ ...call, action: 'get' })) !== undefined;
      if (hadSecret) await callCredentialHelper({ ...call, action: 'erase' });
    }
    if (known.length > 0) {
      writeAuths(config, Object.fromEntries(Object.entries(config.auths).filter(([key]) => !known.includes(key))));
    }
    return hadSecret || known.length > 0;
  });
}

/** The registry that an argument of `login` means: Docker Hub when there is none. */
export function registryName(text: string): string {
  const host = text
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
  return ['', 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'].includes(host) ? 'docker.io' : host;
}

async function tryPassword(login: Login): Promise<{ readonly refreshToken?: string }> {
  const connections = registryConnections(login.env);
  const endpoint = await connections.open(connections.origin(login.registry));
  const first = await ask(endpoint, login);
  if (first.status === 200) {
    // Whoever asks gets in: the password cannot be checked.
    return {};
  }
  const challenge = first.header('www-authenticate') ?? '';
  if (first.status !== 401) throw await refusal(first, login.registry);
  const { registry, transport, base } = endpoint;
  const credentials = { kind: 'password', user: login.user, password: login.password } as const;
  const answer = await authorise({
    challenge,
    registry,
    scopes: [],
    credentials,
    transport,
    base,
    offline: true,
    signal: login.signal,
  });
  const second = await ask(endpoint, login, answer.header);
  if (second.status === 401) throw new RegistryError('user name or password are wrong', { status: 401 });
  if (second.status !== 200) throw await refusal(second, login.registry);
  return answer.refreshToken === undefined ? {} : { refreshToken: answer.refreshToken };
}

async function ask({ transport, base, registry }: Endpoint, { signal }: Login, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await followRedirects(transport, { method: 'GET', url: base, headers, signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error instanceof RegistryError ? error : unreachable(registry, error);
  });
  if (response.status === 200 || response.status === 401) response.body.resume();
  return response;
}

async function store(config: DockerConfig, entry: Login): Promise<Stored> {
  const { registry, user, password, env, signal } = entry;
  const [key] = serverKeys(registry);
  const helper = helperOf(config, registry);
  if (helper !== undefined) {
    const input = JSON.stringify({ ServerURL: key, Username: user, Secret: password });
    await callCredentialHelper({ name: helper, action: 'store', input, env, signal });
    // As Docker: the entry without secrets tells that there is one.
    writeAuths(config, { ...config.auths, [key]: {} });
    return { registry, place: `docker-credential-${helper}`, isPlain: false };
  }
  const auth: StoredAuth =
    user === '<token>'
      ? { auth: Buffer.from('<token>:').toString('base64'), identitytoken: password }
      : { auth: basicHeader({ user, password }).slice('Basic '.length) };
  writeAuths(config, { ...config.auths, [key]: auth });
  return { registry, place: config.path, isPlain: true };
}

function helperOf(config: DockerConfig, registry: string): string | undefined {
  return (
    serverKeys(registry)
      .map((key) => config.credHelpers[key])
      .find((one) => one !== undefined) ?? config.credsStore
  );
}

async function explained<T>(registry: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { message: reason, advice } = error;
    throw new TscomposeError(diagnose('engine.login-failed', { registry, reason, advice }), { cause: error });
  }
}

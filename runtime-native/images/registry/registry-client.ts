import { setTimeout as sleep } from 'node:timers/promises';
import type { Reference } from '../reference.ts';
import { basicHeader, type Credentials, findCredentials } from './credentials.ts';

/** A registry said no, or cannot be reached; the message is for the user. */
export class RegistryError extends Error {}

/** GET requests on one repository of a registry (OCI distribution-spec), with authentication and retries. */
export interface RegistryClient {
  /** `path` below `/v2/<repository>/`. Rejects with a `RegistryError` unless the status is 200 or 206. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface RegistryClientOptions {
  readonly reference: Reference;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const attempts = 4;
const firstDelayMs = 250;
const longestDelayMs = 30_000;

export async function openRegistry(options: RegistryClientOptions): Promise<RegistryClient> {
  const { reference, env, signal } = options;
  const base = `${baseUrl(reference.registry)}/v2/${reference.repository}/`;
  const credentials = await findCredentials(reference.registry, env);
  let authorization: string | undefined;
  const send = (path: string, headers: Readonly<Record<string, string>>) =>
    fetch(base + path, {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(signal === undefined ? {} : { signal }),
    });
  const authorised = async (path: string, headers: Readonly<Record<string, string>>): Promise<Response> => {
    const response = await send(path, headers);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    authorization = await authorise({
      challenge: response.headers.get('www-authenticate') ?? '',
      reference,
      credentials,
      signal,
    });
    return send(path, headers);
  };
  return {
    get: async (path, headers = {}) => {
      for (let attempt = 1; ; attempt++) {
        const outcome = await authorised(path, headers).catch((error: unknown) => {
          signal?.throwIfAborted();
          if (error instanceof RegistryError) throw error;
          return unreachable(reference.registry, error);
        });
        if (outcome instanceof Response && (outcome.status === 200 || outcome.status === 206)) return outcome;
        const error = outcome instanceof Response ? await refusal(outcome) : outcome;
        const mayPass = !(outcome instanceof Response) || outcome.status === 429 || outcome.status >= 500;
        if (!mayPass || attempt === attempts) throw error;
        await sleep(delayMs(outcome, attempt), undefined, signal === undefined ? {} : { signal });
      }
    },
  };
}

/** Plain HTTP only on the machine itself, as with Docker. */
function baseUrl(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(registry);
  return `${isLoopback ? 'http' : 'https'}://${registry}`;
}

interface AuthoriseRequest {
  readonly challenge: string;
  readonly reference: Reference;
  readonly credentials: Credentials | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Answers a challenge (RFC 7235; distribution-spec token authentication) with the value of the Authorization header. */
async function authorise(request: AuthoriseRequest): Promise<string> {
  const { challenge, reference, credentials, signal } = request;
  if (/^basic\b/i.test(challenge)) {
    if (credentials === undefined) throw new RegistryError(`${reference.registry} wants a user name and password`);
    return basicHeader(credentials);
  }
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const realm = fields['realm'];
  if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
    throw new RegistryError(`${reference.registry} refuses access in a way that is not understood`);
  }
  const url = new URL(realm);
  if (fields['service'] !== undefined) url.searchParams.set('service', fields['service']);
  url.searchParams.set('scope', fields['scope'] ?? `repository:${reference.repository}:pull`);
  const response = await fetch(url, {
    headers: credentials === undefined ? {} : { authorization: basicHeader(credentials) },
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw new RegistryError(`${url.host} refuses a token (HTTP ${response.status})`);
  const { token, access_token: accessToken } = (await response.json()) as { token?: unknown; access_token?: unknown }; // parser
  const value = token ?? accessToken;
  if (typeof value !== 'string') throw new RegistryError(`${url.host} answered without a token`);
  return `Bearer ${value}`;
}

function unreachable(registry: string, error: unknown): RegistryError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new RegistryError(`${registry} cannot be reached: ${cause instanceof Error ? cause.message : cause}`, { cause: error });
}

async function refusal(response: Response): Promise<RegistryError> {
  const body = (await response.text().catch(() => '')).slice(0, 10_000);
  const words = /"message"\s*:\s*"([^"]{1,200})"/.exec(body)?.[1];
  const plain = response.status === 404 ? 'there is no such image' : response.status === 401 ? 'access is denied' : undefined;
  return new RegistryError(`${plain ?? words ?? 'the registry refuses'} (HTTP ${response.status})`);
}

function delayMs(outcome: Response | RegistryError, attempt: number): number {
  const seconds = outcome instanceof Response ? Number(outcome.headers.get('retry-after')) : 0;
  return Math.min(seconds > 0 ? seconds * 1000 : firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
}

import { basicHeader, type Credentials } from './credentials.ts';
import { RegistryError } from './registry-error.ts';
import { readText } from './response-text.ts';
import type { HttpResponse, Transport } from './transport.ts';

export interface AuthoriseRequest {
  /** `WWW-Authenticate` of a 401. */
  readonly challenge: string;
  /** Of the registry, for messages. */
  readonly registry: string;
  /** What is going to be done: `repository:team/app:pull,push`. */
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  readonly transport: Transport;
  /** The registry's own base URL: a token server may be without TLS only where the registry is. */
  readonly base: URL;
  /** Asks for a refresh token too, as `login` does. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Authorisation {
  /** Value of the Authorization header. */
  readonly header: string;
  readonly refreshToken?: string;
}

/** Answers a challenge (RFC 7235; distribution-spec token authentication). Rejects with a `RegistryError`. */
export async function authorise(request: AuthoriseRequest): Promise<Authorisation> {
  const { challenge, registry, credentials } = request;
  if (credentials?.kind === 'registry-token') return { header: `Bearer ${credentials.token}` };
  const bearer = /\bbearer\s+(.*)/i.exec(challenge)?.[1];
  if (bearer !== undefined) return fetchToken(request, fieldsOf(bearer));
  if (!/\bbasic\b/i.test(challenge)) {
    throw new RegistryError(`${registry} refuses access in a way that is not understood: ${challenge.slice(0, 100)}`);
  }
  if (credentials?.kind !== 'password') throw loginWanted(registry);
  return { header: basicHeader(credentials) };
}

export function loginWanted(registry: string): RegistryError {
  return new RegistryError(`${registry} wants a user name and password`, {
    advice: `run "tscompose login ${registry}"`,
    status: 401,
  });
}

async function fetchToken(request: AuthoriseRequest, fields: Readonly<Record<string, string>>): Promise<Authorisation> {
  const { registry, base, scopes } = request;
  const realm = fields['realm'] ?? '';
  if (!URL.canParse(realm)) throw new RegistryError(`${registry} names no token server`);
  const url = new URL(realm);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && base.protocol === 'http:')) {
    throw new RegistryError(`${registry} wants the password sent to "${url.origin}", without TLS`);
  }
  const wanted = joinScopes(scopes, (fields['scope'] ?? '').split(' '));
  const response = await (request.credentials?.kind === 'identity-token'
    ? askWithToken(request, { url, service: fields['service'] ?? '', scopes: wanted, token: request.credentials.token })
    : askWithPassword(request, { url, service: fields['service'], scopes: wanted }));
  return readToken(response, url, registry);
}

function askWithPassword(
  { credentials, transport, offline, signal }: AuthoriseRequest,
  { url, service, scopes }: { url: URL; service: string | undefined; scopes: readonly string[] },
): Promise<HttpResponse> {
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (credentials?.kind !== 'password') return transport({ method: 'GET', url, signal });
  url.searchParams.set('account', credentials.user);
  if (offline) {
    url.searchParams.set('client_id', 'tscompose');
    url.searchParams.set('offline_token', 'true');
  }
  return transport({ method: 'GET', url, headers: { authorization: basicHeader(credentials) }, signal });
}

/** The OAuth2 way of the distribution's token specification. */
function askWithToken(
  { transport, signal }: AuthoriseRequest,
  { url, service, scopes, token }: { url: URL; service: string; scopes: readonly string[]; token: string },
): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: token,
    service,
    client_id: 'tscompose',
    scope: scopes.join(' '),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return transport({ method: 'POST', url, headers, body: Buffer.from(form.toString()), signal });
}

async function readToken(response: HttpResponse, url: URL, registry: string): Promise<Authorisation> {
  const text = await readText(response);
  if (response.status === 401 || response.status === 403) {
    throw new RegistryError(`${url.host} refuses a token for ${registry}: user name, password or rights are wrong`, {
      advice: `log in again: "tscompose login ${registry}"`,
      status: response.status,
    });
  }
  if (response.status !== 200)
    throw new RegistryError(`${url.host} refuses a token (HTTP ${response.status})`, { status: response.status });
  let answer: { token?: unknown; access_token?: unknown; refresh_token?: unknown } = {};
  try {
    answer = JSON.parse(text) as typeof answer; // parser: members are checked below
  } catch {
    // Said below.
  }
  const value = answer.token ?? answer.access_token;
  if (typeof value !== 'string') throw new RegistryError(`${url.host} answered without a token`);
  const refresh = answer.refresh_token;
  return { header: `Bearer ${value}`, ...(typeof refresh === 'string' && refresh !== '' ? { refreshToken: refresh } : {}) };
}

/** Ours and those of the challenge that ours do not cover. */
function joinScopes(own: readonly string[], asked: readonly string[]): readonly string[] {
  const parts = (scope: string) => ({ resource: scope.replace(/:[^:]*$/, ''), actions: scope.replace(/^.*:/, '').split(',') });
  const isCovered = (scope: string): boolean =>
    own
      .map(parts)
      .some(
        (one) => one.resource === parts(scope).resource && parts(scope).actions.every((action) => one.actions.includes(action)),
      );
  return [...own, ...asked.filter((scope) => scope !== '' && !isCovered(scope))];
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  const matches = text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return Object.fromEntries(
    [...matches].map(([, key = '', quoted, bare]) => [key.toLowerCase(), (quoted ?? bare ?? '').replace(/\\(.)/g, '$1')]),
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import { authorise, loginWanted } from './authorise.ts';
import { type Credentials, findCredentials } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { followRedirects } from './follow-redirects.ts';
import { isUnknownHost, refusal, tooManyRequests, unreachable } from './refusal.ts';
import { RegistryError } from './registry-error.ts';
import { retryDelay } from './retry-delay.ts';
import type { Body, Headers, HttpRequest, HttpResponse } from './transport.ts';

/** Requests on one repository of a registry (OCI distribution-spec), with authentication, redirects and retries. */
export interface RegistryClient {
  readonly registry: string;
  /** Rejects with a `RegistryError` unless the status is one of `accepts`. */
  send(request: RegistryRequest): Promise<HttpResponse>;
  /** Where the response says to go on; `fallback` when it says nothing. Rejects when there is neither. */
  locationOf(response: HttpResponse, fallback?: URL): URL;
}

export interface RegistryRequest {
  /** GET unless said. */
  readonly method?: HttpRequest['method'];
  /** Path below `/v2/<repository>/`, or what a `Location` header said. */
  readonly target: string | URL;
  readonly headers?: Headers;
  readonly body?: Body;
  /** Statuses that are answers; 200 unless said. */
  readonly accepts?: readonly number[];
  /** One attempt only: the caller knows how to go on after a failure. */
  readonly once?: boolean;
}

export interface RegistryClientOptions {
  readonly endpoint: Endpoint;
  readonly repository: string;
  /** `pull` or `pull,push`. */
  readonly actions: string;
  /** Repositories of the same registry that are read too, for mounts. */
  readonly otherRepositories?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called before a wait that the registry asked for. */
  readonly onWait?: (wait: { readonly delayMs: number }) => void;
}

const attempts = 5;
/** A longer wait than this is the user's to decide. */
const patienceMs = 60_000;

export function openClient(options: RegistryClientOptions): RegistryClient {
  const { endpoint, env, signal } = options;
  const repository = `${endpoint.prefix}${options.repository}`;
  const base = new URL(`${repository}/`, endpoint.base);
  const scopes = [
    `repository:${repository}:${options.actions}`,
    ...(options.otherRepositories ?? []).map((other) => `repository:${other}:pull`),
  ];
  let credentials: Promise<Credentials | undefined> | undefined;
  let authorization: string | undefined;
  let renewing: Promise<void> | undefined;

  const attempt = (request: RegistryRequest): Promise<HttpResponse> => {
    const url = new URL(request.target, base);
    const isOwn = url.host === base.host;
    return followRedirects(endpoint.transport, {
      method: request.method ?? 'GET',
      url,
      headers: { ...request.headers, ...(authorization === undefined || !isOwn ? {} : { authorization }) },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
    });
  };
  const renew = async (challenge: string): Promise<void> => {
    credentials ??= findCredentials(endpoint.registry, env, signal);
    const { registry, transport, base: root } = endpoint;
    const answer = { challenge, registry, scopes, credentials: await credentials, transport, base: root, signal };
    authorization = (await authorise(answer)).header;
  };
  const authorised = async (request: RegistryRequest): Promise<HttpResponse> => {
    const used = authorization;
    const response = await attempt(request);
    if (response.status !== 401) return response;
    response.body.resume();
    // Requests that are refused together share one new token.
    if (authorization === used) {
      renewing ??= renew(response.header('www-authenticate') ?? '').finally(() => {
        renewing = undefined;
      });
      await renewing;
    }
    const again = await attempt(request);
    if (again.status === 401 && (await credentials) === undefined) {
      again.body.resume();
      throw loginWanted(endpoint.registry);
    }
    return again;
  };

  return {
    registry: endpoint.registry,
    locationOf: (response, fallback) => {
      const location = response.header('location');
      if (location === undefined) {
        if (fallback === undefined) throw new RegistryError(`${endpoint.registry} does not say where an upload goes`);
        return fallback;
      }
      const url = new URL(location, base);
      // Behind a proxy registries often write the wrong scheme and port.
      return url.hostname === base.hostname ? new URL(`${url.pathname}${url.search}`, base) : url;
    },
    send: async (request) => {
      for (let count = 1; ; count++) {
        const outcome = await authorised(request).catch((error: unknown) => {
          signal?.throwIfAborted();
          if (error instanceof RegistryError) throw error;
          return unreachable(endpoint.registry, error);
        });
        const response = outcome instanceof RegistryError ? undefined : outcome;
        if (response !== undefined && (request.accepts ?? [200]).includes(response.status)) return response;
        const delay = retryDelay(response, { attempt: count, nowMs: Date.now(), chance: Math.random() });
        const error = await errorOf(outcome, { registry: endpoint.registry, delay });
        const mayPass =
          response === undefined
            ? !isUnknownHost(error.cause)
            : response.status === 429 || response.status === 408 || response.status >= 500;
        if (!mayPass || request.once || count === attempts || delay.delayMs > patienceMs) throw error;
        options.onWait?.({ delayMs: delay.delayMs });
        await sleep(delay.delayMs, undefined, signal === undefined ? {} : { signal });
      }
    },
  };
}

function errorOf(
  outcome: HttpResponse | RegistryError,
  context: { readonly registry: string; readonly delay: ReturnType<typeof retryDelay> },
): Promise<RegistryError> | RegistryError {
  if (outcome instanceof RegistryError) return outcome;
  if (outcome.status !== 429) return refusal(outcome, context.registry);
  outcome.body.resume();
  return tooManyRequests(context.registry, context.delay);
}

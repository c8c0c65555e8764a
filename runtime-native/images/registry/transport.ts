import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkServerIdentity, createSecureContext, getCACertificates, type PeerCertificate, rootCertificates } from 'node:tls';
import type { Certificates } from './certificates.ts';
import { probeTls } from './probe-tls.ts';
import { explainTlsFailure, lacksSubjectAltName, type TlsPlaces } from './tls-failure.ts';

export type Headers = Readonly<Record<string, string>>;

/** A body that can be sent again. */
export type Body = Buffer | { readonly open: () => Readable; readonly length: number };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Headers;
  readonly body?: Body;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/** Sends one request, without redirects; rejects with a `RegistryError` for TLS failures, else with Node's error. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

export interface TransportOptions {
  readonly places: TlsPlaces;
  readonly certificates: Certificates;
  /** Host (with port) whose certificate is not verified. */
  readonly unverifiedHost?: string;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in both cases. */
  readonly env: NodeJS.ProcessEnv;
}

/** A connection without a byte for so long is dead. */
const idleMs = 60_000;
/** A server that does not know `Expect` gets the body after this time, as with curl. */
const continueMs = 1000;
const expectFromBytes = 1024 * 1024;

/** Opens a transport with connections of its own, kept alive between requests. */
export function openTransport(options: TransportOptions): Transport {
  const proxyEnv = proxies(options.env);
  const plain = new HttpAgent({ keepAlive: true, proxyEnv });
  let secure: { verified: HttpsAgent; unverified: HttpsAgent } | undefined;
  return async (request) => {
    if (request.url.protocol === 'http:') return exchange(request, (one) => httpRequest(request.url, { ...one, agent: plain }));
    secure ??= secureAgents(options, proxyEnv);
    const agent = request.url.host === options.unverifiedHost ? secure.unverified : secure.verified;
    try {
      return await exchange(request, (one) => httpsRequest(request.url, { ...one, agent }));
    } catch (error) {
      request.signal?.throwIfAborted();
      const isAboutCertificate = error instanceof Error && 'code' in error && /CERT|SIGNATURE|ISSUER/.test(String(error.code));
      const seen = isAboutCertificate ? await probeTls(request.url) : {};
      throw (error instanceof Error ? explainTlsFailure(error, options.places, seen) : undefined) ?? error;
    }
  };
}

function secureAgents({ certificates }: TransportOptions, proxyEnv: NodeJS.ProcessEnv) {
  const system = getCACertificates('system');
  // Made once: to read all authorities takes longer than a request, and every connection would do it again.
  const secureContext = createSecureContext({
    // The machine's authorities are what its administrator trusts; a machine without any gets Mozilla's list.
    ca: [...(system.length > 0 ? system : rootCertificates), ...certificates.authorities],
    ...(certificates.client === undefined ? {} : { cert: certificates.client.certificate, key: certificates.client.key }),
  });
  const shared = { keepAlive: true, proxyEnv, secureContext };
  return {
    verified: new HttpsAgent({ ...shared, checkServerIdentity: checkNames }),
    unverified: new HttpsAgent({ ...shared, rejectUnauthorized: false }),
  };
}

function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  if (!lacksSubjectAltName(certificate)) return checkServerIdentity(host, certificate);
  return Object.assign(new Error('certificate without subjectAltName'), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    cert: certificate,
  });
}

async function exchange(
  request: HttpRequest,
  open: (options: { method: string; headers: Headers; timeout: number; signal?: AbortSignal }) => ReturnType<typeof httpRequest>,
): Promise<HttpResponse> {
  const { method, body, signal } = request;
  const length = body?.length;
  const waits = length !== undefined && length >= expectFromBytes;
  const headers = {
    'user-agent': 'tscompose',
    ...request.headers,
    ...(length === undefined
      ? method === 'POST' || method === 'PUT'
        ? { 'content-length': '0' }
        : {}
      : { 'content-length': String(length) }),
    ...(waits ? { expect: '100-continue' } : {}),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = open({ method, headers, timeout: idleMs, ...(signal === undefined ? {} : { signal }) });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer for ${idleMs / 1000} s`)));
  // After a response an error belongs to its body, which reports it.
  outgoing.on('error', reject);
  outgoing.on('response', resolve);
  if (body === undefined) outgoing.end();
  else if (waits) {
    outgoing.flushHeaders();
    const timer = setTimeout(() => outgoing.emit('continue'), continueMs);
    outgoing.once('continue', () => feed(body, outgoing));
    promise.finally(() => clearTimeout(timer)).catch(() => {});
  } else feed(body, outgoing);
  const incoming = await promise;
  // The rest of a body that was refused will not be asked for; the connection cannot be used again.
  if (!outgoing.writableFinished) incoming.once('end', () => outgoing.destroy());
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: incoming,
  };
}

function feed(body: Body, outgoing: NodeJS.WritableStream): void {
  const source = Buffer.isBuffer(body) ? Readable.from([body]) : body.open();
  // The request's own error or response tells the outcome.
  pipeline(source, outgoing).catch((error: Error) => {
    if ('destroy' in outgoing && typeof outgoing.destroy === 'function') outgoing.destroy(error);
  });
}

/** What `HTTP_PROXY` says is not for this machine itself. */
function proxies(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const pick = (name: string) => env[name.toLowerCase()] ?? env[name];
  const [http, https, none = ''] = [pick('HTTP_PROXY'), pick('HTTPS_PROXY'), pick('NO_PROXY')];
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [...none.split(',').filter((one) => one !== ''), 'localhost', '127.0.0.1', '::1', '[::1]'].join(','),
  };
}

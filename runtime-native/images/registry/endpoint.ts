import { type RegistrySettings, readRegistrySettings } from '../../host/registry-settings.ts';
import { findCertificates } from './certificates.ts';
import { isListedInsecure, isLoopback } from './insecure-match.ts';
import { RegistryError } from './registry-error.ts';
import { openTransport, type Transport } from './transport.ts';

/** One place where a registry's content can be had: the registry itself or a mirror. */
export interface Endpoint {
  /** `host[:port]`, the name for messages, credentials and certificates. */
  readonly registry: string;
  /** API base, ending in `/v2/`. */
  readonly base: URL;
  readonly transport: Transport;
}

export interface EndpointRequest {
  /** As in a reference: `docker.io`, `registry.lan:5000`. */
  readonly registry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Finds out how a registry is spoken to. Rejects with a `RegistryError` when it is not there. */
export async function openEndpoint(request: EndpointRequest): Promise<Endpoint> {
  const settings = readRegistrySettings(request.env);
  const host = request.registry === 'docker.io' ? 'registry-1.docker.io' : request.registry;
  return connectTo({ ...request, settings, host, path: '/v2/' });
}

interface ConnectRequest extends EndpointRequest {
  readonly settings: RegistrySettings;
  /** Where the API is. */
  readonly host: string;
  readonly path: string;
}

/**
 * Verified TLS, and nothing else, except: a registry that is listed as insecure may show any certificate or none, one on
 * this machine may be without TLS when nothing in `certs.d` says otherwise.
 */
async function connectTo({ registry, host, path, settings, env, signal }: ConnectRequest): Promise<Endpoint> {
  const certificates = findCertificates(settings.certificateDirectories, registry);
  const isInsecure = await isListedInsecure(registry, settings.insecure);
  const hasCertificates = certificates.authorities.length > 0 || certificates.client !== undefined;
  const mayBePlain = isInsecure || (isLoopback(registry) && !hasCertificates);
  const secureBase = new URL(`https://${host}${path}`);
  const transport = openTransport({
    places: { registry, directory: settings.certificateDirectories[0] ?? '' },
    certificates,
    env,
    ...(isInsecure ? { unverifiedHost: secureBase.host } : {}),
  });
  const secure = { registry, base: secureBase, transport };
  if (!mayBePlain) return secure;
  const plain = { ...secure, base: new URL(`http://${host}${path}`) };
  try {
    await ping(secure, signal);
    return secure;
  } catch (error) {
    signal?.throwIfAborted();
    if (isAboutCertificates(error)) throw error;
    // Whether it is there at all is said by the request that follows.
    return plain;
  }
}

async function ping({ transport, base }: Endpoint, signal: AbortSignal | undefined): Promise<void> {
  const response = await transport({ method: 'GET', url: base, signal });
  response.body.resume();
}

/** TLS is spoken there, but not so that it can be trusted: going on without it would be a downgrade. */
function isAboutCertificates(error: unknown): boolean {
  return error instanceof RegistryError && !error.isPlain;
}

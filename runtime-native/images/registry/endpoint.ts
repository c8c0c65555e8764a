import type { RegistrySettings } from '../../host/registry-settings.ts';
import { isListedInsecure, isLoopback } from './insecure-match.ts';
import { probeTls } from './probe-tls.ts';
import type { RegistrySource } from './registry-sources.ts';
import { openTransport, type Transport } from './transport.ts';

/** One place that has been found: the registry itself or a mirror. */
export interface Endpoint {
  /** `host[:port]`, the name for messages, credentials and certificates. */
  readonly registry: string;
  /** API base, ending in `/v2/`. */
  readonly base: URL;
  /** Before every repository name, ending in a slash, or empty. */
  readonly prefix: string;
  readonly transport: Transport;
}

/**
 * Finds out how a source is spoken to: verified TLS and nothing else, except that a registry which is listed as insecure may
 * show any certificate or none, and one on this machine may be without TLS when nothing in `certs.d` says otherwise.
 */
export async function openEndpoint(
  source: RegistrySource,
  { env, settings }: { readonly env: NodeJS.ProcessEnv; readonly settings: RegistrySettings },
): Promise<Endpoint> {
  const { registry, host, scheme, prefix, certificates } = source;
  const isInsecure = await isListedInsecure(registry, settings.insecure);
  const hasCertificates = certificates.authorities.length > 0 || certificates.client !== undefined;
  const mayBePlain = isInsecure || (scheme === undefined && isLoopback(registry) && !hasCertificates);
  const secure = new URL(`https://${host}/v2/`);
  const isPlain = scheme === 'http' || (mayBePlain && (await probeTls(secure)) === undefined);
  return {
    registry,
    prefix,
    base: isPlain ? new URL(`http://${host}/v2/`) : secure,
    transport: openTransport({
      places: { registry, directory: settings.certificateDirectories[0] ?? '' },
      certificates,
      env,
      ...(isInsecure || source.isUnverified ? { unverifiedHost: host } : {}),
    }),
  };
}

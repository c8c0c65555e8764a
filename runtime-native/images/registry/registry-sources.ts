import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { RegistrySettings } from '../../host/registry-settings.ts';
import { type Certificates, findCertificates, readPem } from './certificates.ts';
import { type HostTable, parseHostsToml } from './hosts-toml.ts';
import { RegistryError } from './registry-error.ts';

/** One place to ask: a registry or a mirror, and how it is reached. */
export interface RegistrySource {
  /** `host[:port]`: for messages, credentials, certificates. */
  readonly registry: string;
  /** Where the API is: differs from `registry` for Docker Hub. */
  readonly host: string;
  /** Written by the administrator; absent: TLS, or what may be tried instead of it. */
  readonly scheme?: 'http' | 'https';
  /** Before the repository, ending in a slash: `dockerhub/`, or empty. */
  readonly prefix: string;
  readonly certificates: Certificates;
  /** `skip_verify` of a hosts.toml. */
  readonly isUnverified: boolean;
}

/** Where a registry's content can be had: mirrors in the order in which they are asked, then the registry itself. */
export interface RegistrySources {
  readonly mirrors: readonly RegistrySource[];
  readonly origin: RegistrySource;
}

/** Joins mirrors of our configuration, of Docker's and of containerd's for one registry. Throws a `RegistryError` for bad ones. */
export function registrySources(registry: string, settings: RegistrySettings): RegistrySources {
  const directory = join(settings.containerdDirectory, registry);
  const { top, hosts } = readHosts(join(directory, 'hosts.toml'));
  const named = [...(settings.mirrors[registry] ?? []), ...(settings.mirrors['*'] ?? [])];
  const tables = hosts.filter((one) => one.capabilities === undefined || one.capabilities.includes('pull'));
  const origin = sourceOf(top.server ?? apiHost(registry), settings);
  return {
    mirrors: [
      ...named.map((one) => sourceOf(one, settings)),
      ...tables.map((one) => withTable(sourceOf(one.url ?? '', settings), one, directory)),
    ],
    origin: withTable(
      { ...origin, registry, certificates: findCertificates(settings.certificateDirectories, registry) },
      top,
      directory,
    ),
  };
}

/** Docker Hub's API has another name than the registry. */
function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** `mirror.lan:5000`, `https://mirror.lan`, `https://harbor.lan/dockerhub` (a path goes before the repository). */
function sourceOf(text: string, settings: RegistrySettings): RegistrySource {
  const [, scheme, host = '', path = ''] = /^(?:(https?):\/\/)?([^/\s]+)(\/\S*)?$/.exec(text) ?? [];
  if (host === '')
    throw new RegistryError(`"${text}" is no mirror`, { advice: 'write a host or a URL, such as "https://mirror.lan:5000"' });
  const prefix = path.replace(/^\/v2(?=\/|$)/, '').replace(/^\/+|\/+$/g, '');
  return {
    registry: host,
    host,
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    prefix: prefix === '' ? '' : `${prefix}/`,
    certificates: findCertificates(settings.certificateDirectories, host),
    isUnverified: false,
  };
}

function withTable(source: RegistrySource, table: HostTable, directory: string): RegistrySource {
  const pem = (path: string): string => readPem(isAbsolute(path) ? path : join(directory, path));
  const { authorities, client } = source.certificates;
  const [certificate, key = certificate] = table.client ?? [];
  const ownClient = certificate === undefined || key === undefined ? client : { certificate: pem(certificate), key: pem(key) };
  return {
    ...source,
    certificates: {
      authorities: [...authorities, ...table.authorities.map(pem)],
      ...(ownClient === undefined ? {} : { client: ownClient }),
    },
    isUnverified: source.isUnverified || table.isUnverified,
  };
}

function readHosts(path: string): ReturnType<typeof parseHostsToml> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Not there or not ours to read: containerd's, not ours.
    return { top: { authorities: [], isUnverified: false }, hosts: [] };
  }
  try {
    return parseHostsToml(text);
  } catch (error) {
    throw new RegistryError(`"${path}" is not understood: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

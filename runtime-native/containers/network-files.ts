import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInPlace } from '../host/atomic-write.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { gatewayEndpoint } from '../network/endpoints.ts';
import { containerResolver, formatResolvConf, type ResolverConfig } from '../network/host-resolver.ts';
import type { Claim } from './claim.ts';
import type { StoredContainer } from './stored-container.ts';

export interface NetworkFiles {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}

const ourResolver = '127.0.0.11';

/** Paths of the three files in a container's state directory. */
export function networkFiles(stateDir: string): NetworkFiles {
  return { hosts: join(stateDir, 'hosts'), hostname: join(stateDir, 'hostname'), resolvConf: join(stateDir, 'resolv.conf') };
}

/** Writes hosts, hostname and resolv.conf for a start. */
export function writeNetworkFiles(request: {
  readonly container: StoredContainer;
  readonly claim: Claim;
  readonly hostname: string;
  readonly facts: HostFacts;
  readonly stateDir: string;
}): NetworkFiles {
  const { container, claim, facts } = request;
  const { service } = container.spec;
  const files = networkFiles(request.stateDir);
  const isHost = service.network_mode === 'host';
  const hosts = isHost ? `${readFileSync('/etc/hosts', 'utf8').trimEnd()}\n${extraHosts(request)}` : hostsFile(request);
  const resolver = containerResolver({
    host: facts.resolver,
    dns: service.dns ?? [],
    search: service.dns_search ?? [],
    options: service.dns_opt ?? [],
    resolver: claim.endpoints.length === 0 ? undefined : ourResolver,
  });
  writeInPlace({ path: files.hosts, data: hosts, mode: 0o644 });
  writeInPlace({ path: files.hostname, data: `${request.hostname}\n`, mode: 0o644 });
  writeInPlace({ path: files.resolvConf, data: formatResolvConf(resolver), mode: 0o644 });
  return files;
}

/** Servers that the container's resolver asks for names it does not know; none inside internal networks. */
export function dnsUpstreams(container: StoredContainer, claim: Claim, host: ResolverConfig): readonly string[] {
  if (gatewayEndpoint(claim.endpoints) === undefined) return [];
  const { dns } = container.spec.service;
  const servers = dns?.length ? dns : host.nameservers;
  // A scoped link-local server (fe80::1%eth0) means nothing to the resolver.
  return servers.filter((one) => !one.includes('%'));
}

function hostsFile(request: { container: StoredContainer; claim: Claim; hostname: string }): string {
  const { service } = request.container.spec;
  const domain = service.domainname;
  const names = domain ? `${request.hostname}.${domain} ${request.hostname}` : request.hostname;
  const own = request.claim.endpoints
    .flatMap((one) => [one.ipv4, one.ipv6])
    .flatMap((one) => (one === undefined ? [] : [`${one.address}\t${names}`]));
  return `${[
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'ff00::\tip6-mcastprefix',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    ...own,
  ].join('\n')}\n${extraHosts(request)}`;
}

/** `extra_hosts` (`host=ip`); `host-gateway` is the address of the host on the network with the default route. */
function extraHosts({ container, claim }: { container: StoredContainer; claim: Claim }): string {
  const gateway = gatewayEndpoint(claim.endpoints) ?? claim.endpoints[0];
  return (container.spec.service.extra_hosts ?? [])
    .map((text) => {
      const end = text.indexOf('=');
      const [name, address] = [text.slice(0, end), text.slice(end + 1).replace(/^\[|\]$/g, '')];
      return `${address === 'host-gateway' ? (gateway?.ipv4?.gateway ?? gateway?.ipv6?.gateway ?? '127.0.0.1') : address}\t${name}\n`;
    })
    .join('');
}

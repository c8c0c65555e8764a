import type { Port } from '#core/model/project.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** A row of `published_ports`. */
export interface PublishedRow {
  /** Empty: every address of the host. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly containerIp: string | undefined;
  readonly containerIp6: string | undefined;
}

/** One thing that holds a host port. */
export interface PortClaim {
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** What the user asks for: `published` is a list of candidates, empty for an ephemeral port. */
export interface WantedPort {
  readonly hostIp: string;
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
}

const ephemeralFirst = 32_768;
const ephemeralLast = 60_999;

export function wantedPort(port: Port): WantedPort {
  const [first, last = first] = (port.published ?? '').split('-').filter(Boolean).map(Number);
  const protocol = port.protocol === 'udp' || port.protocol === 'sctp' ? port.protocol : 'tcp';
  return { hostIp: (port.host_ip ?? '').replace(/^\[|\]$/g, ''), protocol, containerPort: port.target, first, last };
}

/**
 * The host port that `wanted` gets: the first of its range that no claim meets, or a free ephemeral one (searched from
 * `seed`, so that a port just given up is not the next one given out). Undefined when there is none.
 */
export function chooseHostPort(wanted: WantedPort, claims: readonly PortClaim[], seed: number): number | undefined {
  const first = wanted.first || ephemeralFirst;
  const last = wanted.last || ephemeralLast;
  const count = last - first + 1;
  const offset = wanted.first ? 0 : seed % count;
  const relevant = claims.filter((one) => one.protocol === wanted.protocol && addressesMeet(one.hostIp, wanted.hostIp));
  const taken = new Set(relevant.map((one) => one.port));
  for (let step = 0; step < count; step++) {
    const port = first + ((offset + step) % count);
    if (!taken.has(port)) return port;
  }
  return undefined;
}

/** Whether two listening addresses exclude each other on one port. */
export function addressesMeet(one: string, other: string): boolean {
  if (one === '' || other === '' || one === other) return true;
  if (one.includes(':') !== other.includes(':')) return false;
  return one === '0.0.0.0' || other === '0.0.0.0' || one === '::' || other === '::';
}

/**
 * Loopback proxies for a published port. They serve 127.0.0.1 and ::1, which address translation cannot, and reserve the
 * port; where the container has no IPv6 address the proxy takes all IPv6 addresses of the host, as Docker's does.
 */
export function proxiesOf(
  row: PublishedRow,
  facts: { readonly hostHasIpv6: boolean; readonly owner: number },
): SupervisorSpec['ports'] {
  const { hostIp, hostPort, containerPort, protocol } = row;
  const containerIp = row.containerIp ?? row.containerIp6;
  if (protocol === 'sctp' || containerIp === undefined) return [];
  const addresses: string[] = [];
  if (hostIp === '' || hostIp === '0.0.0.0') addresses.push('127.0.0.1');
  if ((hostIp === '' || hostIp === '::') && facts.hostHasIpv6) addresses.push(row.containerIp6 === undefined ? '::' : '::1');
  if (hostIp.startsWith('127.') || hostIp === '::1') addresses.push(hostIp);
  return addresses.map((address) => ({ hostIp: address, hostPort, protocol, containerIp, containerPort, owner: facts.owner }));
}

import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { contains, formatAddress, type IpAddress, parseAddress, parseSubnet, type Subnet, subnetRange } from './ip-address.ts';
import type { StoredNetwork } from './stored-network.ts';

export interface LeaseRequest {
  readonly database: DatabaseSync;
  readonly network: StoredNetwork;
  readonly container: string;
  readonly ipv4Address?: string | undefined;
  readonly ipv6Address?: string | undefined;
  /** Where the last search in a subnet ended: the next one begins there, or each of a thousand would count to the last. */
  readonly searched: Map<string, bigint>;
  /** Whether a container that holds a lease may be running: leases of others can be taken over. */
  readonly isAlive: (container: string) => boolean;
}

/** An address with its prefix length and the gateway of its subnet. */
export interface Lease {
  readonly address: string;
  readonly length: number;
  readonly gateway: string;
}

/**
 * Leases one address per family of the network for a container, inside the caller's transaction. A container that is
 * started again keeps its address when nobody else has taken it; a stopped one gives way only when needed.
 */
export function leaseAddresses(request: LeaseRequest): { readonly ipv4?: Lease; readonly ipv6?: Lease } {
  const ipv4 = leaseOf(request, { family: 4, wanted: request.ipv4Address });
  const ipv6 = leaseOf(request, { family: 6, wanted: request.ipv6Address });
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

function leaseOf(request: LeaseRequest, ask: { family: 4 | 6; wanted: string | undefined }): Lease | undefined {
  const { network } = request;
  const pools = network.subnets.flatMap(({ cidr, gateway }) => {
    const subnet = parseSubnet(cidr);
    return subnet?.family === ask.family ? [{ subnet, gateway }] : [];
  });
  if (ask.wanted !== undefined) return staticLease(request, { wanted: ask.wanted, pools });
  if (pools.length === 0) return undefined;
  const own = ownAddresses(request);
  for (const { subnet, gateway } of pools) {
    const address = own.find((one) => isIn(subnet, one)) ?? firstFree(request, { subnet, gateway });
    if (address === undefined) continue;
    claim(request, address);
    return { address, length: subnet.length, gateway };
  }
  const subnet = pools.map((one) => `${formatAddress(one.subnet)}/${one.subnet.length}`).join(', ');
  throw new TscomposeError(diagnose('engine.no-free-address', { network: network.name, subnet }));
}

function staticLease(
  request: LeaseRequest,
  { wanted, pools }: { wanted: string; pools: readonly { subnet: Subnet; gateway: string }[] },
): Lease {
  const { network, database } = request;
  const parsed = parseAddress(wanted);
  const pool = parsed && pools.find((one) => contains(one.subnet, parsed));
  if (parsed === undefined || pool === undefined) {
    const subnets = network.subnets.map((one) => one.cidr).join(', ');
    throw new TscomposeError(diagnose('engine.address-outside', { network: network.name, address: wanted, subnets }));
  }
  const address = formatAddress(parsed);
  const holderId = holderOf(request, address);
  const isHeld = holderId !== undefined && holderId !== request.container && request.isAlive(holderId);
  if (isHeld || address === pool.gateway) {
    const name = isHeld ? database.prepare('SELECT name FROM containers WHERE id = ?').get(holderId) : undefined;
    const text = isHeld ? `container "${String(name?.['name'])}"` : 'the gateway';
    throw new TscomposeError(diagnose('engine.address-taken', { network: network.name, address, holder: text }));
  }
  claim(request, address);
  return { address, length: pool.subnet.length, gateway: pool.gateway };
}

/** Free first, then one of a container that does not run. */
function firstFree(request: LeaseRequest, { subnet, gateway }: { subnet: Subnet; gateway: string }): string | undefined {
  const { spec, id } = request.network;
  const pool = spec.pools.find((one) => one.subnet !== undefined && parseSubnet(one.subnet)?.value === subnet.value);
  const reserved = new Set([gateway, ...Object.values(pool?.auxAddresses ?? {})]);
  const range = (pool?.ipRange === undefined ? undefined : parseSubnet(pool.ipRange)) ?? subnet;
  const { first, last } = subnetRange(range);
  const whole = subnetRange(subnet);
  const usable = (value: bigint): string | undefined => {
    // Network and (IPv4) broadcast address.
    if (value === whole.first || (subnet.family === 4 && value === whole.last)) return undefined;
    const address = formatAddress({ family: subnet.family, value } satisfies IpAddress);
    return reserved.has(address) ? undefined : address;
  };
  const held = heldAddresses(request);
  const key = `${id} ${subnet.value}`;
  const begin = request.searched.get(key) ?? first;
  for (const [from, to] of [
    [begin, last],
    [first, begin - 1n],
  ] as const) {
    for (let value = from; value <= to; value++) {
      const address = usable(value);
      if (address === undefined || held.has(address)) continue;
      request.searched.set(key, value + 1n);
      return address;
    }
  }
  return [...held].find((address) => {
    const parsed = parseAddress(address);
    const isInRange = parsed !== undefined && contains(range, parsed) && usable(parsed.value) !== undefined;
    return isInRange && !request.isAlive(holderOf(request, address) ?? '');
  });
}

/** As one text: a row for each of a thousand addresses takes ten times as long. */
function heldAddresses({ database, network }: LeaseRequest): ReadonlySet<string> {
  const text = database.prepare("SELECT group_concat(address, ' ') AS held FROM leases WHERE network = ?").get(network.id)?.[
    'held'
  ];
  return new Set(typeof text === 'string' ? text.split(' ') : []);
}

function ownAddresses({ database, network, container }: LeaseRequest): readonly string[] {
  const rows = database.prepare('SELECT address FROM leases WHERE network = ? AND container = ?').all(network.id, container);
  return rows.map((row) => String(row['address']));
}

function holderOf({ database, network }: LeaseRequest, address: string): string | undefined {
  const holder = database.prepare('SELECT container FROM leases WHERE network = ? AND address = ?').get(network.id, address);
  return holder === undefined ? undefined : String(holder['container']);
}

function claim({ database, network, container }: LeaseRequest, address: string): void {
  database
    .prepare(
      'INSERT INTO leases (network, address, container) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET container = excluded.container',
    )
    .run(network.id, address, container);
}

function isIn(subnet: Subnet, address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && contains(subnet, parsed);
}

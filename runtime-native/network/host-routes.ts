import { readFileSync } from 'node:fs';
import { formatAddress, formatSubnet, parseSubnet, type Subnet } from './ip-address.ts';

/** An address range with what uses it, in words. */
export interface TakenSubnet extends Subnet {
  readonly by: string;
}

export interface HostRoutes {
  /** Prefixes that the host reaches somewhere, all tables; halves of the whole space (VPN default routes) are left out. */
  readonly prefixes: readonly TakenSubnet[];
  /** MTU of the default route's device. */
  readonly mtu: number;
}

const defaultMtu = 1500;

/** Reads the host's routes from the kernel's files: what `ip route` would tell, without three processes for each network. */
export function readHostRoutes(): HostRoutes {
  const routes = hostRoutes({
    trie: readOrEmpty('/proc/net/fib_trie'),
    main: readOrEmpty('/proc/net/route'),
    ipv6: readOrEmpty('/proc/net/ipv6_route'),
  });
  const mtu = routes.device === undefined ? Number.NaN : Number.parseInt(readOrEmpty(`/sys/class/net/${routes.device}/mtu`), 10);
  return { prefixes: routes.prefixes, mtu: mtu > 0 ? mtu : defaultMtu };
}

/** Pure part of `readHostRoutes`, over the text of its files; `device` has the default route. */
export function hostRoutes(text: { readonly trie: string; readonly main: string; readonly ipv6: string }): {
  readonly prefixes: readonly TakenSubnet[];
  readonly device: string | undefined;
} {
  const links = mainLinks(text.main);
  const ipv4 = [...triePrefixes(text.trie)].flatMap((cidr) => {
    const subnet = parseSubnet(cidr);
    return subnet === undefined ? [] : [taken(subnet, links.get(cidr))];
  });
  const prefixes = [...ipv4, ...ipv6Prefixes(text.ipv6)].filter((one) => one.length > 1);
  return { prefixes, device: links.get('0.0.0.0/0') };
}

/** The words are made when somebody asks: a machine may have thousands of routes. */
function taken(subnet: Subnet, device: string | undefined): TakenSubnet {
  return {
    ...subnet,
    get by() {
      const isHost = subnet.length === (subnet.family === 4 ? 32 : 128);
      return `route ${isHost ? formatAddress(subnet) : formatSubnet(subnet)}${device === undefined ? '' : ` of link "${device}"`}`;
    },
  };
}

/** Leaves of /proc/net/fib_trie, which has the routes of all tables: an address, then a line for each length with its type. */
function triePrefixes(text: string): ReadonlySet<string> {
  // Two tables that are one trie are told twice.
  const prefixes = new Set<string>();
  let address = '';
  for (const line of text.split('\n')) {
    const leaf = /^\s*\|-- (\S+)/.exec(line);
    const route = /^\s*\/(\d+) \S+ (\S+)/.exec(line);
    if (leaf !== null) address = leaf[1] ?? '';
    // "unreachable" and its kind are nobody's addresses, but somebody has written them for a reason.
    if (route !== null && route[2] !== 'BROADCAST') prefixes.add(`${address}/${route[1]}`);
  }
  return prefixes;
}

/** Links by prefix, of the main table (/proc/net/route: numbers in hexadecimal, bytes in the host's order). */
function mainLinks(text: string): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const line of text.split('\n').slice(1)) {
    const [device, destination = '', , , , , , mask = ''] = line.split(/\s+/);
    if (device === undefined || mask === '') continue;
    const length = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
    const cidr = `${(destination.match(/../g) ?? [])
      .toReversed()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.')}/${length}`;
    if (!links.has(cidr)) links.set(cidr, device);
  }
  return links;
}

/** Rows of /proc/net/ipv6_route, all tables: destination, length, …, link. */
function ipv6Prefixes(text: string): readonly TakenSubnet[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', length = ''] = line.split(' ');
    if (destination.length !== 32) return [];
    const subnet: Subnet = { family: 6, value: BigInt(`0x${destination}`), length: Number.parseInt(length, 16) };
    return [taken(subnet, line.slice(line.lastIndexOf(' ') + 1))];
  });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The kernel has no such family, or the link is gone.
    return '';
  }
}

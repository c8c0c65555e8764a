import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Whether a list of hosts, `host:port` and CIDRs names this registry. A CIDR is compared with the address, or with what
 * the name resolves to, as Docker does.
 */
export async function isListedInsecure(registry: string, listed: readonly string[]): Promise<boolean> {
  const host = hostOf(registry);
  const networks = listed.filter((one) => one.includes('/') && !one.includes('://'));
  const names = listed.filter((one) => !networks.includes(one)).map((one) => one.replace(/^https?:\/\//, '').replace(/\/$/, ''));
  if (names.some((name) => name === registry || name === host)) return true;
  if (networks.length === 0) return false;
  const blocks = blockList(networks);
  const addresses = isIP(host) > 0 ? [{ address: host, family: isIP(host) }] : await resolved(host);
  return addresses.some(({ address, family }) => blocks.check(address, family === 6 ? 'ipv6' : 'ipv4'));
}

/** Without port and brackets. */
export function hostOf(registry: string): string {
  return registry.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

export function isLoopback(registry: string): boolean {
  return /^(?:localhost|(?:.*\.)?localhost|127(?:\.\d+){3}|::1)$/.test(hostOf(registry));
}

function blockList(networks: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    const family = isIP(address);
    if (family > 0 && /^\d+$/.test(prefix)) blocks.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  }
  return blocks;
}

/** A name that does not resolve is in no network; connecting will say so. */
async function resolved(host: string): Promise<readonly { readonly address: string; readonly family: number }[]> {
  return lookup(host, { all: true }).catch(() => []);
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runProgram } from '../host/run-program.ts';
import { hardwareAddress } from './endpoints.ts';
import type { StoredNetwork } from './stored-network.ts';

/**
 * Makes a network's bridge with its gateway addresses in one `ip -batch` call, or completes one that a killed command
 * left half-made. The host routes for it from then on (ip_forward stays on, as Docker leaves it).
 */
export async function createBridge(network: StoredNetwork, signal?: AbortSignal): Promise<void> {
  const { bridge, subnets, spec } = network;
  const hasIpv6 = subnets.some((one) => one.cidr.includes(':'));
  const lines = [
    // Without an address of its own a bridge takes the lowest of its ports': it changes as containers come and go, and those
    // that stay send to the old one until their neighbour entry expires.
    ...(bridgeExists(bridge)
      ? []
      : [`link add name ${bridge} address ${hardwareAddress(subnets[0]?.gateway ?? '')} type bridge`]),
    // A generated address is being checked for duplicates for two seconds, in which the bridge asks for no neighbour; on an
    // IPv4 network every container start would trigger multicast on all ports.
    `link set dev ${bridge} addrgenmode none`,
    ...(hasIpv6 ? [`addr replace fe80::1/64 dev ${bridge} nodad`] : []),
    ...subnets.map(
      ({ cidr, gateway }) => `addr replace ${gateway}/${cidr.split('/')[1]} dev ${bridge}${cidr.includes(':') ? ' nodad' : ''}`,
    ),
    `link set dev ${bridge} mtu ${spec.mtu} up`,
  ];
  await runProgram({ argv: ['ip', '-batch', '-'], input: `${lines.join('\n')}\n`, signal });
  writeSetting('net/ipv4/ip_forward', '1');
  if (hasIpv6) writeSetting('net/ipv6/conf/all/forwarding', '1');
}

/** Removes a bridge; one that is gone already is fine. */
export async function removeBridge(bridge: string): Promise<void> {
  if (bridgeExists(bridge)) await runProgram({ argv: ['ip', 'link', 'delete', bridge] });
}

export function bridgeExists(bridge: string): boolean {
  return existsSync(`/sys/class/net/${bridge}`);
}

/** Whether bridged frames pass the host's packet filter (br_netfilter): hairpin then needs the port's own flag. */
export function bridgeCallsFirewall(): boolean {
  try {
    return readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'latin1').trim() === '1';
  } catch {
    // The module is not loaded.
    return false;
  }
}

/** The kernel's neighbour table counts all namespaces; above this many containers the default bounds lose addresses. */
const crowdedAt = 300;

/** Raises the neighbour table's bounds when many containers run (gc_thresh3 is 1,024 by default); never lowers them. */
export function fitNeighbourTable(containers: number): void {
  if (containers < crowdedAt) return;
  for (const family of ['ipv4', 'ipv6']) {
    for (const [name, wanted] of [
      ['gc_thresh3', 32_768],
      ['gc_thresh2', 16_384],
      ['gc_thresh1', 8_192],
    ] as const) {
      const key = `net/${family}/neigh/default/${name}`;
      if (Number(readSetting(key) ?? wanted) < wanted) writeSetting(key, String(wanted));
    }
  }
}

function readSetting(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key}`, 'latin1').trim();
  } catch {
    // The kernel has no such family.
    return undefined;
  }
}

function writeSetting(key: string, value: string): void {
  const current = readSetting(key);
  if (current !== undefined && current !== value) writeFileSync(`/proc/sys/${key}`, value);
}

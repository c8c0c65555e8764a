import type { PublishedRow } from './published-ports.ts';

/** A bridge as the firewall sees it. */
export interface FirewallNetwork {
  readonly bridge: string;
  readonly internal: boolean;
  readonly masquerade: boolean;
  readonly subnets: readonly string[];
}

export interface FirewallState {
  readonly table: string;
  readonly networks: readonly FirewallNetwork[];
  readonly ports: readonly PublishedRow[];
}

type Family = 4 | 6;
const protocols = ['tcp', 'udp', 'sctp'] as const;

/**
 * The whole table as one `nft -f -` transaction: the old one goes and the new one comes in the same commit, so no packet
 * meets a part of it. Without networks and ports only the old one goes. Every set is a constant-time look-up; there is no
 * rule per port or network.
 */
export function firewallScript(state: FirewallState): string {
  const { table, networks, ports } = state;
  const drop = `add table inet ${table}\ndelete table inet ${table}\n`;
  if (networks.length === 0 && ports.length === 0) return drop;
  return `${drop}table inet ${table} {
${set(
  'bridges',
  'ifname',
  networks.map((one) => quote(one.bridge)),
)}
${set(
  'internal',
  'ifname',
  networks.filter((one) => one.internal).map((one) => quote(one.bridge)),
)}
${set(
  'same',
  'ifname . ifname',
  networks.map((one) => `${quote(one.bridge)} . ${quote(one.bridge)}`),
)}
${set('inside4', 'ipv4_addr', masqueraded(networks, 4), 'flags interval; ')}
${set('inside6', 'ipv6_addr', masqueraded(networks, 6), 'flags interval; ')}
${portMaps(ports)}
  chain published {
${portRules()}
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump published
  }
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr 127.0.0.0/8 accept
    ip6 daddr ::1 accept
    fib daddr type local jump published
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname . oifname @same ct status dnat masquerade
    ip saddr @inside4 oifname != @bridges masquerade
    ip6 saddr @inside6 oifname != @bridges masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname . oifname @same accept
    iifname @internal drop
    oifname @internal drop
    oifname @bridges ct state established,related accept
    oifname @bridges ct status dnat accept
    oifname @bridges drop
  }
}
`;
}

function masqueraded(networks: readonly FirewallNetwork[], family: Family): readonly string[] {
  return networks
    .filter((one) => one.masquerade && !one.internal)
    .flatMap((one) => one.subnets)
    .filter((subnet) => subnet.includes(':') === (family === 6));
}

function portMaps(ports: readonly PublishedRow[]): string {
  const maps: string[] = [];
  for (const family of [4, 6] as const) {
    for (const protocol of protocols) {
      const rows = ports.filter((one) => one.protocol === protocol && target(one, family) !== undefined);
      const value = (one: PublishedRow) => `${target(one, family)} . ${one.containerPort}`;
      const any = rows.filter((one) => isUnspecified(one.hostIp, family)).map((one) => `${one.hostPort} : ${value(one)}`);
      const exact = rows
        .filter((one) => isExact(one.hostIp, family))
        .map((one) => `${one.hostIp} . ${one.hostPort} : ${value(one)}`);
      const address = `ipv${family}_addr`;
      maps.push(map(`${protocol}${family}_any`, `inet_service : ${address} . inet_service`, any));
      maps.push(map(`${protocol}${family}_address`, `${address} . inet_service : ${address} . inet_service`, exact));
    }
  }
  return maps.join('\n');
}

function portRules(): string {
  const rules: string[] = [];
  for (const [family, ip] of [
    [4, 'ip'],
    [6, 'ip6'],
  ] as const) {
    for (const protocol of protocols) {
      rules.push(`    dnat ${ip} to ${ip} daddr . ${protocol} dport map @${protocol}${family}_address`);
      rules.push(`    meta nfproto ipv${family} dnat ${ip} to ${protocol} dport map @${protocol}${family}_any`);
    }
  }
  return rules.join('\n');
}

function target(port: PublishedRow, family: Family): string | undefined {
  return family === 4 ? port.containerIp : port.containerIp6;
}

function isUnspecified(hostIp: string, family: Family): boolean {
  return hostIp === '' || hostIp === (family === 4 ? '0.0.0.0' : '::');
}

/** An address of the host that is neither unspecified nor loopback (those belong to the proxies). */
function isExact(hostIp: string, family: Family): boolean {
  if (hostIp === '' || hostIp.includes(':') !== (family === 6)) return false;
  return hostIp !== '0.0.0.0' && hostIp !== '::' && hostIp !== '::1' && !hostIp.startsWith('127.');
}

function set(name: string, type: string, elements: readonly string[], flags = ''): string {
  const list = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }; `;
  return `  set ${name} { type ${type}; ${flags}${list}}`;
}

function map(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }; `;
  return `  map ${name} { type ${type}; ${list}}`;
}

function quote(text: string): string {
  return `"${text}"`;
}

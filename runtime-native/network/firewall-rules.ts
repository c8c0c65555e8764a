import { type FirewallPort, firewallPorts } from './firewall-ports.ts';

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
  readonly ports: readonly FirewallPort[];
}

type Family = 4 | 6;

/**
 * The whole table as one `nft -f -` transaction: the old one goes and the new one comes in the same commit, so no packet
 * meets a part of it. Without networks and ports only the old one goes. Every set is a constant-time look-up; there is no
 * rule per network, and no rule per port that other packets meet.
 */
export function firewallScript(state: FirewallState): string {
  const { table, networks, ports } = state;
  const drop = `add table inet ${table}\ndelete table inet ${table}\n`;
  if (networks.length === 0 && ports.length === 0) return drop;
  const { definitions, rules } = firewallPorts(ports);
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
${set('hairpin4', 'ipv4_addr . ipv4_addr', pairs(networks, 4), 'flags interval; ')}
${set('hairpin6', 'ipv6_addr . ipv6_addr', pairs(networks, 6), 'flags interval; ')}
${definitions}
  chain published {
${rules}
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
    ct status dnat ip saddr . ip daddr @hairpin4 masquerade
    ct status dnat ip6 saddr . ip6 daddr @hairpin6 masquerade
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

/**
 * Source and destination in one network, for packets that come back from a published port: by address, because a frame
 * that never leaves its bridge (br_netfilter) has no incoming link in postrouting.
 */
function pairs(networks: readonly FirewallNetwork[], family: Family): readonly string[] {
  return networks
    .flatMap((one) => one.subnets)
    .filter((subnet) => subnet.includes(':') === (family === 6))
    .map((subnet) => `${subnet} . ${subnet}`);
}

function set(name: string, type: string, elements: readonly string[], flags = ''): string {
  const list = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }; `;
  return `  set ${name} { type ${type}; ${flags}${list}}`;
}

function quote(text: string): string {
  return `"${text}"`;
}

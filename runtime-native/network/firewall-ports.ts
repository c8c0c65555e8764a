import type { PublishedRow } from './published-ports.ts';

type Family = 4 | 6;
const families = [
  [4, 'ip'],
  [6, 'ip6'],
] as const;
const protocols = ['tcp', 'udp', 'sctp'] as const;

/**
 * Published ports as text of a table: for each family and protocol a map by port and one by address and port. A port of
 * several replicas is in a verdict map instead and has a chain, in which the kernel deals new connections out in turn.
 */
export function firewallPorts(rows: readonly PublishedRow[]): { readonly definitions: string; readonly rules: string } {
  const definitions: string[] = [];
  const rules: string[] = [];
  for (const [family, ip] of families) {
    for (const protocol of protocols) {
      const reached = rows.filter((one) => one.protocol === protocol && target(one, family) !== undefined);
      for (const kind of ['address', 'any'] as const) {
        const name = `${protocol}${family}_${kind}`;
        const isKind = kind === 'any' ? isUnspecified : isExact;
        const ports = Map.groupBy(
          reached.filter((one) => isKind(one.hostIp, family)),
          (one) => (kind === 'any' ? `${one.hostPort}` : `${one.hostIp} . ${one.hostPort}`),
        );
        const single = [...ports].filter(([, users]) => users.length === 1);
        const shared = [...ports].filter(([, users]) => users.length > 1);
        const key = kind === 'any' ? 'inet_service' : `ipv${family}_addr . inet_service`;
        const match = kind === 'any' ? `meta nfproto ipv${family} ${protocol} dport` : `${ip} daddr . ${protocol} dport`;
        const to = (row: PublishedRow) => `${target(row, family)} . ${row.containerPort}`;
        definitions.push(
          ...shared.map(([, users], index) => sharedChain({ name: `${name}_${index}`, protocol, ip, targets: users.map(to) })),
          map(
            name,
            `${key} : ipv${family}_addr . inet_service`,
            single.flatMap(([text, users]) => users.map((row) => `${text} : ${to(row)}`)),
          ),
        );
        if (shared.length > 0) {
          const elements = shared.map(([text], index) => `${text} : goto ${name}_${index}`);
          definitions.push(map(`${name}_shared`, `${key} : verdict`, elements));
          rules.push(`    ${match} vmap @${name}_shared`);
        }
        rules.push(
          kind === 'any'
            ? `    meta nfproto ipv${family} dnat ${ip} to ${protocol} dport map @${name}`
            : `    dnat ${ip} to ${match} map @${name}`,
        );
      }
    }
  }
  return { definitions: definitions.join('\n'), rules: rules.join('\n') };
}

function sharedChain(chain: { name: string; protocol: string; ip: string; targets: readonly string[] }): string {
  const elements = chain.targets.map((one, index) => `${index} : ${one}`).join(', ');
  const choice = `numgen inc mod ${chain.targets.length} map { ${elements} }`;
  return `  chain ${chain.name} {\n    meta l4proto ${chain.protocol} dnat ${chain.ip} to ${choice}\n  }`;
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

function map(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }; `;
  return `  map ${name} { type ${type}; ${list}}`;
}

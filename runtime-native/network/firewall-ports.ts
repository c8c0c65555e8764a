import type { HeldRow } from './published-rows.ts';

/** A published port, and whether its container takes connections now. */
export interface FirewallPort extends HeldRow {
  readonly isOpen: boolean;
}

type Family = 4 | 6;
const families = [
  [4, 'ip'],
  [6, 'ip6'],
] as const;
const protocols = ['tcp', 'udp', 'sctp'] as const;

/** Name of a container in the names of its chains. */
export function chainName(container: string): string {
  return container.slice(0, 24);
}

/**
 * Published ports as text of a table: for each family and protocol a verdict map by port and one by address and port, which
 * lead to the container's chain `gate-…`. That has one rule, `jump ports-…`, or none while the container takes no connections:
 * a supervisor opens and closes it when its process ends and starts again. A port of several replicas leads to a chain in
 * which the kernel deals new connections out in turn, and gives those of a closed one to the next that is open.
 */
export function firewallPorts(rows: readonly FirewallPort[]): { readonly definitions: string; readonly rules: string } {
  const definitions: string[] = [];
  const rules: string[] = [];
  const translations: Translation[] = [];
  for (const [family, ip] of families) {
    for (const protocol of protocols) {
      const reached = rows.filter((one) => one.protocol === protocol && target(one, family) !== undefined);
      for (const kind of ['address', 'any'] as const) {
        const isKind = kind === 'any' ? isUnspecified : isExact;
        const wanted = reached.filter((one) => isKind(one.hostIp, family));
        if (wanted.length === 0) continue;
        const name = `${protocol}${family}_${kind}`;
        const guard = kind === 'any' ? `meta nfproto ipv${family} ` : '';
        const key = kind === 'any' ? `${protocol} dport` : `${ip} daddr . ${protocol} dport`;
        const type = kind === 'any' ? 'inet_service' : `ipv${family}_addr . inet_service`;
        const ports = Map.groupBy(wanted, (one) => (kind === 'any' ? `${one.hostPort}` : `${one.hostIp} . ${one.hostPort}`));
        const elements = [...ports].map(([text, users], index) => {
          const [only, ...others] = users.map((one) => `gate-${chainName(one.container)}`);
          if (others.length === 0) return `${text} : goto ${only}`;
          definitions.push(sharedChain(`${name}_${index}`, [only ?? '', ...others]));
          return `${text} : goto ${name}_${index}`;
        });
        definitions.push(`  map ${name} { type ${type} : verdict; elements = { ${elements.join(', ')} }; }`);
        rules.push(`    ${guard}${key} vmap @${name}`);
        for (const [text, users] of ports)
          for (const row of users)
            translations.push({
              container: row.container,
              guard,
              key,
              ip,
              element: `${text} : ${target(row, family)} . ${row.containerPort}`,
              alone: `${kind === 'any' ? guard : `${ip} daddr ${row.hostIp} `}${protocol} dport ${row.hostPort} dnat ${ip} to ${socketText(row, family)}`,
            });
      }
    }
  }
  const isOpen = new Map(rows.map((one) => [one.container, one.isOpen]));
  const containers = [...Map.groupBy(translations, (one) => one.container)].flatMap(([container, own]) =>
    containerChains({ name: chainName(container), isOpen: isOpen.get(container) ?? false, translations: own }),
  );
  // A chain stands before what leads to it.
  return { definitions: [...containers, ...definitions].join('\n'), rules: rules.join('\n') };
}

interface Translation {
  readonly container: string;
  /** What a packet must be before `key` of it is looked up. */
  readonly guard: string;
  readonly key: string;
  readonly ip: string;
  readonly element: string;
  /** The whole rule of a container that has no other. */
  readonly alone: string;
}

function containerChains(chain: { name: string; isOpen: boolean; translations: readonly Translation[] }): readonly string[] {
  const { name, isOpen } = chain;
  const maps = Map.groupBy(chain.translations, (one) => `${one.guard}${one.key}`);
  const rules = [...maps.values()].map((all) => {
    const [{ guard = '', ip = '', key = '', alone = '' } = {}] = all;
    // A map of one costs as much to make as one of a thousand.
    if (all.length === 1) return `    ${alone}`;
    return `    ${guard}dnat ${ip} to ${key} map { ${all.map((one) => one.element).join(', ')} }`;
  });
  return [
    `  chain ports-${name} {\n${rules.join('\n')}\n  }`,
    `  chain gate-${name} {\n${isOpen ? `    jump ports-${name}\n` : ''}  }`,
  ];
}

function sharedChain(name: string, gates: readonly string[]): string {
  const turns = gates.map((gate, index) => `${index} : jump ${gate}`).join(', ');
  const rest = gates.map((gate) => `    jump ${gate}\n`).join('');
  return `  chain ${name} {\n    numgen inc mod ${gates.length} vmap { ${turns} }\n${rest}  }`;
}

function target(port: HeldRow, family: Family): string | undefined {
  return family === 4 ? port.containerIp : port.containerIp6;
}

function socketText(row: HeldRow, family: Family): string {
  const address = target(row, family);
  return `${family === 6 ? `[${address}]` : address}:${row.containerPort}`;
}

function isUnspecified(hostIp: string, family: Family): boolean {
  return hostIp === '' || hostIp === (family === 4 ? '0.0.0.0' : '::');
}

/** An address of the host that is neither unspecified nor loopback (those belong to the proxies). */
function isExact(hostIp: string, family: Family): boolean {
  if (hostIp === '' || hostIp.includes(':') !== (family === 6)) return false;
  return hostIp !== '0.0.0.0' && hostIp !== '::' && hostIp !== '::1' && !hostIp.startsWith('127.');
}

/** A chain of the host's packet filter, as `nft -j` names it. */
export interface FirewallChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

/** A chain with the JSON text of its whole table. */
export interface RuleSet {
  readonly chain: FirewallChain;
  readonly table: string;
}

/** Reads the output of `nft -j list chains`. */
export function parseChains(json: string): readonly FirewallChain[] {
  return items(json).flatMap(({ chain }) => (chain === undefined ? [] : [chain as FirewallChain])); // nft's own schema
}

/**
 * Chains that refuse what no rule of theirs has let pass: by policy, or by a last rule without a condition. A table that
 * speaks of the bridge anywhere has been told about it.
 */
export function blockingChains(sets: readonly RuleSet[], bridge: string): readonly FirewallChain[] {
  return sets
    .filter(({ chain, table }) => refusesTheRest(chain, table) && !table.includes(`"${bridge}"`))
    .map(({ chain }) => chain);
}

function refusesTheRest(chain: FirewallChain, table: string): boolean {
  if (chain.policy === 'drop') return true;
  const last = items(table)
    .flatMap(({ rule }) => (rule === undefined ? [] : [rule as { chain: string; expr?: readonly Record<string, unknown>[] }])) // nft's own schema
    .findLast((rule) => rule.chain === chain.name);
  const verdicts = (last?.expr ?? []).filter((one) => !('counter' in one) && !('log' in one) && !('limit' in one));
  return verdicts.length === 1 && verdicts[0] !== undefined && ('drop' in verdicts[0] || 'reject' in verdicts[0]);
}

function items(json: string): readonly { readonly chain?: unknown; readonly rule?: unknown }[] {
  const document = JSON.parse(json) as { readonly nftables?: readonly { readonly chain?: unknown; readonly rule?: unknown }[] }; // nft's own schema
  return document.nftables ?? [];
}

import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import { runProgram } from '../host/run-program.ts';
import { blockingChains, type FirewallChain, parseChains, type RuleSet } from './blocking-chains.ts';

/**
 * Other rules of the host that would stop traffic of a bridge: a drop in any chain is final. Where iptables forwards
 * nothing by default (Docker's daemon, ufw) two rules per bridge let it pass, in Docker's own chain for that where there
 * is one. Anything else is not ours to change: `engine.firewall-blocks` says what stands in the way.
 */
export async function allowThroughHost(context: EngineContext, bridge: string): Promise<void> {
  const chains = await forwardChains();
  for (const { program, chain } of iptablesPlaces(chains)) {
    for (const rule of rulesOf(bridge)) {
      const isThere = await succeeds([program, '-w', '-C', chain, ...rule]);
      if (!isThere) await runProgram({ argv: [program, '-w', '-I', chain, ...rule] });
    }
  }
  const foreign = chains.filter((one) => one.hook === 'forward' && !isOurs(one) && !isIptables(one));
  for (const chain of blockingChains(await ruleSets(foreign), bridge)) {
    context.notice(diagnose('engine.firewall-blocks', { bridge, chain: `${chain.family} ${chain.table} ${chain.name}` }));
  }
}

/** Takes the rules of a removed bridge out again. */
export async function forgetInHost(bridge: string): Promise<void> {
  for (const { program, chain } of iptablesPlaces(await forwardChains())) {
    for (const rule of rulesOf(bridge)) await succeeds([program, '-w', '-D', chain, ...rule]);
  }
}

function rulesOf(bridge: string): readonly (readonly string[])[] {
  return [
    ['-i', bridge, '-j', 'ACCEPT'],
    ['-o', bridge, '-j', 'ACCEPT'],
  ];
}

/** Chains of iptables where our two rules are needed. */
function iptablesPlaces(chains: readonly FirewallChain[]): readonly { readonly program: string; readonly chain: string }[] {
  return (['ip', 'ip6'] as const).flatMap((family) => {
    const filter = chains.filter((one) => one.family === family && one.table === 'filter');
    const program = family === 'ip' ? 'iptables' : 'ip6tables';
    if (filter.some((one) => one.name === 'DOCKER-USER')) return [{ program, chain: 'DOCKER-USER' }];
    return filter.some((one) => one.name === 'FORWARD' && one.policy === 'drop') ? [{ program, chain: 'FORWARD' }] : [];
  });
}

/** Chains that iptables keeps, in which it has put our rules first. */
function isIptables({ family, table, name, policy }: FirewallChain): boolean {
  return (family === 'ip' || family === 'ip6') && table === 'filter' && name === 'FORWARD' && policy === 'drop';
}

/** Tables of ours, of this state root and of others. */
function isOurs({ table }: FirewallChain): boolean {
  return table.startsWith('tscompose');
}

async function forwardChains(): Promise<readonly FirewallChain[]> {
  return parseChains(await runProgram({ argv: ['nft', '-j', 'list', 'chains'] }));
}

async function ruleSets(chains: readonly FirewallChain[]): Promise<readonly RuleSet[]> {
  return Promise.all(
    chains.map(async (chain) => {
      const table = await runProgram({ argv: ['nft', '-j', 'list', 'table', chain.family, chain.table] });
      return { chain, table };
    }),
  );
}

async function succeeds(argv: readonly [string, ...string[]]): Promise<boolean> {
  return runProgram({ argv }).then(
    () => true,
    () => false,
  );
}

import { goText } from '../source/go-text.ts';
import {
  type Entry,
  isNull,
  listNode,
  type MapNode,
  mapNode,
  mapOf,
  member,
  type Node,
  scalarNode,
  textOf,
} from '../source/tree.ts';
import { clearPaths } from './01-tags.pass.ts';
import { diagnose } from './catalogue.ts';
import { compareBytes } from './compare.ts';
import type { DocumentContext, LoadContext } from './context.ts';
import { below, here, type PathTable, type Place, pathText, ruleAt } from './path-table.ts';

export interface Merge {
  readonly base: Node;
  readonly over: Node;
  readonly path: readonly string[];
  readonly context: LoadContext;
}

type Rule = (merge: Merge, place: Place<Rule>) => Node;

/** Attributes that merge by rules of their own. */
export const mergeRules: PathTable<Rule> = {
  services: {
    '*': {
      annotations: asList,
      build: { [here]: build, args: asList, additional_contexts: asList, extra_hosts: withoutRepeats, labels: asList },
      command: replaced,
      depends_on: byName(() => ({ condition: 'service_started', required: true })),
      deploy: { labels: asList },
      dns: asList,
      dns_opt: asList,
      dns_search: asList,
      entrypoint: replaced,
      env_file: asList,
      label_file: asList,
      environment: asList,
      extra_hosts: withoutRepeats,
      healthcheck: { test: replaced },
      labels: asList,
      logging,
      models: byName(() => undefined),
      networks: byName(() => undefined),
      sysctls: asList,
      tmpfs: asList,
      ulimits: { '*': replaced },
    },
  },
  networks: { '*': { ipam: { config: pools }, labels: asList } },
  volumes: { '*': { labels: asList } },
};

/** Merges the document over what earlier files and documents made, its tags applied first. */
export function merge(tree: MapNode, context: DocumentContext): MapNode {
  const base = clearPaths(context.accumulated, context.cleared);
  return mergeNodes({ base, over: tree, path: [], context }) as MapNode;
}

/** Merges one node over another by the rules for its place; `null` over something keeps that. */
export function mergeNodes(step: Merge): Node {
  let place: Place<Rule> = mergeRules;
  for (const segment of step.path) place = below(place, segment);
  return mergeAt(step, place);
}

function mergeAt(step: Merge, place: Place<Rule>): Node {
  const rule = ruleAt(place);
  return rule === undefined ? plainMerge(step, place) : rule(step, place);
}

function plainMerge(step: Merge, place: Place<Rule>): Node {
  const { base, over } = step;
  if (isNull(over)) return base;
  if (base.kind === 'scalar') return replaced(step);
  if (base.kind === 'map' && over.kind === 'map') return mergeMaps(base, over, step, place);
  if (base.kind === 'list' && over.kind === 'list') return listNode([...base.items, ...over.items], over.span);
  return mismatch(step);
}

function mergeMaps(base: MapNode, over: MapNode, step: Merge, place: Place<Rule>): Node {
  const entries = new Map<string, Entry>(base.entries);
  for (const [name, entry] of over.entries) {
    const old = entries.get(name);
    if (old === undefined) {
      entries.set(name, entry);
      continue;
    }
    const path = [...step.path, name];
    const value = mergeAt({ ...step, base: old.value, over: entry.value, path }, below(place, name));
    // A mapping is where it was begun; anything else is where it was last written.
    entries.set(name, { key: value.kind === 'map' ? old.key : entry.key, value });
  }
  return mapNode(entries, base.span);
}

function mismatch({ base, over, path, context }: Merge): Node {
  const problem = diagnose('load.cannot-override', { path: pathText(path) }, over.span);
  context.collector.report({ ...problem, related: [{ at: base.span, label: 'first defined here' }] });
  return base;
}

function replaced({ base, over }: Merge): Node {
  if (base === over) return over;
  return { ...over, replaced: [base.span, ...(base.replaced ?? [])] };
}

function asList({ base, over }: Merge): Node {
  return listNode([...flatten(base), ...flatten(over)], isNull(over) ? base.span : over.span);
}

function withoutRepeats({ base, over }: Merge): Node {
  const first = flatten(base);
  const known = new Set(first.map(textOf));
  return listNode([...first, ...flatten(over).filter((item) => !known.has(textOf(item)))], isNull(over) ? base.span : over.span);
}

/** A mapping as `key=value` texts in their order as texts, a single text as a list of one. */
function flatten(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items;
  if (node.kind === 'scalar') return textOf(node) === undefined ? [] : [node];
  const items: { text: string; node: Node }[] = [];
  for (const [name, { key, value }] of node.entries) {
    const span = value.kind === 'scalar' && value.value !== null ? value.span : key;
    const values = value.kind === 'list' ? value.items : [value];
    for (const one of values) {
      const text = isNull(one) ? name : `${name}=${one.kind === 'scalar' ? goText(one.value) : ''}`;
      items.push({ text, node: scalarNode(text, span) });
    }
  }
  return items.sort((a, b) => compareBytes(a.text, b.text)).map((item) => item.node);
}

/** Lists of names become mappings, then mappings merge. */
function byName(member: () => Readonly<Record<string, string | boolean>> | undefined): Rule {
  return (step, place) => {
    const base = named(step.base, member);
    const over = named(step.over, member);
    if (over === undefined) return base ?? step.base;
    if (base === undefined) return over;
    return mergeMaps(base, over, step, place);
  };
}

function named(node: Node, defaults: () => Readonly<Record<string, string | boolean>> | undefined): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (node.kind === 'scalar') return undefined;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    const name = textOf(item);
    if (name === undefined) continue; // The schema pass reports it where it was written.
    const values = defaults();
    entries.set(name, { key: item.span, value: values === undefined ? scalarNode(null, item.span) : mapOf(values, item.span) });
  }
  return mapNode(entries, node.span);
}

function build(step: Merge, place: Place<Rule>): Node {
  const form = (node: Node) => (textOf(node) === undefined ? node : mapOf({ context: node }, node.span));
  return plainMerge({ ...step, base: form(step.base), over: form(step.over) }, place);
}

function logging(step: Merge, place: Place<Rule>): Node {
  const [before, after] = [member(step.base, 'driver'), member(step.over, 'driver')];
  const isSame = before === undefined || after === undefined || textOf(before) === textOf(after);
  return isSame || step.over.kind !== 'map' ? plainMerge(step, place) : replaced(step);
}

/** Pools match by subnet and merge member by member; others are added. */
function pools(step: Merge): Node {
  const { base, over } = step;
  if (isNull(over)) return base;
  if (base.kind !== 'list' || over.kind !== 'list') return mismatch(step);
  const result = [...base.items];
  for (const pool of over.items) {
    const subnet = textOf(member(pool, 'subnet'));
    const index = result.findIndex((one) => textOf(member(one, 'subnet')) === subnet);
    const same = result[index];
    if (same === undefined) result.push(pool);
    else result[index] = plainMerge({ ...step, base: same, over: pool }, undefined);
  }
  return listNode(result, over.span);
}

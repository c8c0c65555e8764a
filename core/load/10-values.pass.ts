import { isIP } from 'node:net';
import { type MapNode, mapItems, mapMembers, member, type Node, textOf } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { LoadContext } from './context.ts';
import { below, belowItem, type PathTable, type Place, pathText, ruleAt } from './path-table.ts';

/** Says what is wrong with a value, if anything. */
type Check = (node: Node) => string | undefined;

/** Checks of single values that a schema cannot express. */
export const valueChecks: PathTable<Check> = {
  services: {
    '*': {
      deploy: { resources: { reservations: { devices: { '[]': deviceRequest } } } },
      develop: { watch: { '[]': { path: (node) => (textOf(node)?.trim() === '' ? "value can't be blank" : undefined) } } },
      gpus: { '[]': deviceRequest },
      ports: { '[]': { host_ip: hostIp } },
    },
  },
  volumes: { '*': externalVolume },
  configs: { '*': (node) => sourceOf(node, ['file', 'environment', 'content']) },
  secrets: { '*': (node) => sourceOf(node, ['file', 'environment']) },
};

/** Reports the faults of single values in the merged model. */
export function checkValues(tree: MapNode, context: LoadContext): MapNode {
  if (!context.validates) return tree;
  const path: (string | number)[] = [];
  visit(tree, valueChecks);
  return tree;

  function visit(node: Node, place: Place<Check>): Node {
    if (place === undefined) return node;
    const reason = ruleAt(place)?.(node);
    if (reason !== undefined) context.collector.report(diagnose('load.value', { path: pathText(path), reason }, node.span));
    const step = (segment: string | number, value: Node, next: Place<Check>) => {
      path.push(segment);
      visit(value, next);
      path.pop();
      return value;
    };
    if (node.kind === 'list') mapItems(node, (value, index) => step(index, value, belowItem(place)));
    else if (node.kind === 'map') mapMembers(node, (value, name) => step(name, value, below(place, name)));
    return node;
  }
}

function deviceRequest(node: Node): string | undefined {
  const isBoth = member(node, 'count') !== undefined && member(node, 'device_ids') !== undefined;
  return isBoth ? '"count" and "device_ids" attributes are exclusive' : undefined;
}

function hostIp(node: Node): string | undefined {
  const text = textOf(node);
  return text === undefined || text === '' || isIP(text) !== 0 ? undefined : `invalid ip address: ${text}`;
}

function externalVolume(node: Node): string | undefined {
  const external = member(node, 'external');
  if (node.kind !== 'map' || external?.kind !== 'scalar' || external.value !== true) return undefined;
  const other = [...node.entries.keys()].find((name) => name !== 'external' && name !== 'name' && !name.startsWith('x-'));
  return other === undefined ? undefined : `conflicting parameters "external" and "${other}" specified`;
}

function sourceOf(node: Node, names: readonly string[]): string | undefined {
  if (node.kind !== 'map' || member(node, 'external') !== undefined) return undefined;
  const present = names.filter((name) => member(node, name) !== undefined);
  if (present.length > 1) return `${names.join('|')} attributes are mutually exclusive`;
  return present.length === 0 && member(node, 'driver') === undefined ? `one of ${names.join(', ')} must be set` : undefined;
}

import {
  type MapNode,
  mapItems,
  mapMembers,
  member,
  type Node,
  type ScalarValue,
  scalarNode,
  textOf,
  withMember,
} from '../source/tree.ts';
import { below, belowItem, here, type PathTable, type Place, ruleAt } from './path-table.ts';

type Rule = (node: MapNode) => MapNode;

/** Values that the loader writes where the user left them out. */
export const defaultRules: PathTable<Rule> = {
  services: {
    '*': {
      build: (node) => withDefault(node, 'context', '.'),
      secrets: { '[]': (node) => withDefault(node, 'target', `/run/secrets/${textOf(member(node, 'source')) ?? ''}`) },
      ports: { '[]': (node) => withDefault(withDefault(node, 'protocol', 'tcp'), 'mode', 'ingress') },
      deploy: { resources: { reservations: { devices: { '[]': allDevices } } } },
      gpus: { '[]': allDevices },
      volumes: { '[]': { bind: { [here]: (node) => withDefault(node, 'create_host_path', true) } } },
    },
  },
};

export function setDefaults(tree: MapNode): MapNode {
  return visit(tree, defaultRules) as MapNode;

  function visit(node: Node, place: Place<Rule>): Node {
    if (place === undefined || node.kind === 'scalar') return node;
    if (node.kind === 'list') return mapItems(node, (item) => visit(item, belowItem(place)));
    const rule = ruleAt(place);
    return rule === undefined ? mapMembers(node, (value, name) => visit(value, below(place, name))) : rule(node);
  }
}

function withDefault(node: MapNode, name: string, value: ScalarValue): MapNode {
  return node.entries.has(name) ? node : withMember(node, name, scalarNode(value, node.span));
}

function allDevices(node: MapNode): MapNode {
  return node.entries.has('device_ids') ? node : withDefault(node, 'count', 'all');
}

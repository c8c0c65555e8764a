import { goText } from '../source/go-text.ts';
import {
  type Entry,
  listNode,
  type MapNode,
  mapItems,
  mapMembers,
  mapNode,
  mapOf,
  member,
  type Node,
  scalarNode,
  textOf,
  withMember,
  withoutMember,
} from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext } from './context.ts';
import { below, belowItem, here, type PathTable, type Place, pathText, ruleAt } from './path-table.ts';
import { parsePort } from './short/port.ts';
import { parseVolume } from './short/volume.ts';

interface Step {
  readonly node: Node;
  readonly path: readonly (string | number)[];
  readonly context: DocumentContext;
}

type Rule = (step: Step) => Node;

/** Attributes with a short form, and how it becomes the long one. Rules of inner places come after those below them. */
export const canonicalRules: PathTable<Rule> = {
  services: {
    '*': {
      build: {
        [here]: build,
        additional_contexts: keyValues,
        provenance: toText,
        sbom: toText,
        secrets: { '[]': fileReference },
        ssh,
      },
      configs: { '[]': fileReference },
      depends_on: dependsOn,
      develop: { watch: { '[]': { ignore: toList, include: toList } } },
      devices: { '[]': device },
      dns: nonEmpty,
      env_file: envFile,
      gpus,
      label_file: toList,
      models: nullMembers,
      networks: nullMembers,
      ports,
      secrets: { '[]': fileReference },
      volumes: { '[]': volume },
    },
  },
  volumes: { '*': external },
  networks: { '*': external },
  secrets: { '*': external },
  configs: { '*': external },
};

/** Turns every short form into the long one. */
export function canonicalise(tree: MapNode, context: DocumentContext): MapNode {
  const path: (string | number)[] = [];
  return visit(tree, canonicalRules) as MapNode;

  function visit(node: Node, place: Place<Rule>): Node {
    if (place === undefined) return node;
    let result = node;
    if (node.kind === 'map') {
      result = mapMembers(node, (value, name) => {
        const next = below(place, name);
        if (next === undefined) return value;
        path.push(name);
        const changed = visit(value, next);
        path.pop();
        return changed;
      });
    } else if (node.kind === 'list' && belowItem(place) !== undefined) {
      result = mapItems(node, (value, index) => {
        path.push(index);
        const changed = visit(value, belowItem(place));
        path.pop();
        return changed;
      });
    }
    const rule = ruleAt(place);
    return rule === undefined ? result : rule({ node: result, path, context });
  }
}

function fault(step: Step, reason: string, hint?: string): Node {
  const params = { path: pathText(step.path), reason, ...(hint === undefined ? {} : { hint }) };
  step.context.collector.report(diagnose('load.short-form', params, step.node.span));
  return step.node;
}

function build({ node }: Step): Node {
  return textOf(node) === undefined ? node : mapOf({ context: node }, node.span);
}

function toText({ node }: Step): Node {
  if (node.kind !== 'scalar' || typeof node.value === 'string') return node;
  return { ...node, value: goText(node.value) };
}

function toList({ node }: Step): Node {
  return textOf(node) === undefined ? node : listNode([node], node.span);
}

function nonEmpty(step: Step): Node {
  const list = toList(step);
  if (list.kind !== 'list' || !list.items.some((item) => textOf(item) === '')) return list;
  return { ...list, items: list.items.filter((item) => textOf(item) !== '') };
}

function keyValues(step: Step): Node {
  if (step.node.kind !== 'list') return step.node;
  const entries = new Map<string, Entry>();
  for (const item of step.node.items) {
    const text = textOf(item) ?? '';
    const equals = text.indexOf('=');
    if (equals === -1) {
      return step.context.interpolates ? fault({ ...step, node: item }, `invalid value ${text}, expected key=value`) : step.node;
    }
    entries.set(text.slice(0, equals), { key: item.span, value: scalarNode(text.slice(equals + 1), item.span) });
  }
  return mapNode(entries, step.node.span);
}

function ssh(step: Step): Node {
  if (step.node.kind !== 'list') return step.node;
  const entries = new Map<string, Entry>();
  for (const item of step.node.items) {
    const text = textOf(item) ?? '';
    const equals = text.indexOf('=');
    if (equals === -1 && text !== 'default') return fault({ ...step, node: item }, `invalid ssh key "${text}"`, 'write id=path');
    const [id, path] = equals === -1 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
    entries.set(id, { key: item.span, value: scalarNode(path, item.span) });
  }
  return mapNode(entries, step.node.span);
}

function fileReference({ node }: Step): Node {
  return textOf(node) === undefined ? node : mapOf({ source: node }, node.span);
}

function dependsOn({ node }: Step): Node {
  if (node.kind === 'list') {
    const entries = new Map<string, Entry>();
    for (const item of node.items) {
      const value = mapOf({ condition: 'service_started', required: true }, item.span);
      entries.set(textOf(item) ?? '', { key: item.span, value });
    }
    return mapNode(entries, node.span);
  }
  if (node.kind !== 'map') return node;
  return mapMembers(node, (value, _name, entry) => {
    if (value.kind !== 'map') return value;
    let result = value;
    if (member(result, 'condition') === undefined) {
      result = withMember(result, 'condition', scalarNode('service_started', entry.key));
    }
    return member(result, 'required') === undefined ? withMember(result, 'required', scalarNode(true, entry.key)) : result;
  });
}

function envFile({ node }: Step): Node {
  const list = node.kind === 'list' ? node : listNode([node], node.span);
  return mapItems(list, (item) => {
    if (item.kind === 'scalar') return mapOf({ path: item, required: true }, item.span);
    if (item.kind !== 'map' || member(item, 'required') !== undefined) return item;
    return withMember(item, 'required', scalarNode(true, item.span));
  });
}

function device(step: Step): Node {
  const text = textOf(step.node);
  if (text === undefined) return step.node;
  const [source = '', target = '', permissions = 'rwm', ...more] = text.split(':');
  if (more.length > 0 && step.context.interpolates) {
    return fault(step, `confusing device mapping, please use long syntax: ${text}`);
  }
  return mapOf({ source, target: target === '' ? source : target, permissions }, step.node.span);
}

function gpus({ node }: Step): Node {
  if (textOf(node) !== 'all') return node;
  return listNode([mapOf({ count: 'all' }, node.span)], node.span);
}

function nullMembers({ node }: Step): Node {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Entry>();
  for (const item of node.items) entries.set(textOf(item) ?? '', { key: item.span, value: scalarNode(null, item.span) });
  return mapNode(entries, node.span);
}

function ports(step: Step): Node {
  const { node, path, context } = step;
  if (node.kind !== 'list') return node;
  const items: Node[] = [];
  for (const [index, item] of node.items.entries()) {
    if (item.kind === 'map') {
      items.push(item);
      continue;
    }
    const at: Step = { node: item, path: [...path, index], context };
    if (item.kind !== 'scalar' || (typeof item.value !== 'string' && typeof item.value !== 'number')) {
      fault(at, 'invalid type for port');
      continue;
    }
    const parsed = parsePort(goText(item.value));
    if (!('problem' in parsed)) {
      for (const port of parsed) items.push(mapOf(longPort(port), item.span));
    } else if (context.interpolates) {
      fault(at, parsed.problem, 'the short form is [[ip:]host:]container[/protocol], as in "8080:80"');
    } else return node;
  }
  return listNode(items, node.span);
}

function longPort(port: { hostIp: string; target: number; published: string; protocol: string }) {
  const { hostIp, target, published, protocol } = port;
  return {
    mode: 'ingress',
    host_ip: hostIp === '' ? undefined : hostIp,
    target,
    published: published === '' ? undefined : published,
    protocol,
  };
}

function volume(step: Step): Node {
  const { node, context } = step;
  const text = textOf(node);
  if (text === undefined) return node;
  const parsed = parseVolume(text);
  if ('problem' in parsed) return context.interpolates ? fault(step, parsed.problem) : node;
  const at = node.span;
  const bind =
    parsed.bind &&
    mapOf(
      {
        selinux: parsed.bind.selinux,
        propagation: parsed.bind.propagation,
        create_host_path: parsed.bind.createsHostPath ? true : undefined,
      },
      at,
    );
  return mapOf(
    {
      type: parsed.type,
      source: parsed.source,
      target: parsed.target,
      read_only: parsed.readOnly ? true : undefined,
      bind,
      volume: parsed.volume && mapOf({ nocopy: parsed.volume.nocopy ? true : undefined }, at),
    },
    at,
  );
}

/** `external: {name: x}` is the old form of `external: true` with `name: x`. */
function external({ node, path, context }: Step): Node {
  const old = member(node, 'external');
  if (node.kind !== 'map' || old?.kind !== 'map') return node;
  const result = withMember(withoutMember(node, 'external'), 'external', scalarNode(true, old.span));
  const oldName = member(old, 'name');
  if (oldName === undefined) return result;
  const place = pathText(path);
  context.collector.report(diagnose('load.external-name', { path: place }, oldName.span));
  const name = member(node, 'name');
  if (name === undefined) return withMember(result, 'name', oldName);
  if (textOf(name) !== textOf(oldName)) {
    const reason = 'name and external.name conflict; only use name';
    context.collector.report(diagnose('load.value', { path: place, reason }, oldName.span));
  }
  return result;
}

import { goText } from '../source/go-text.ts';
import { kindName, type ListNode, listNode, type MapNode, mapMembers, member, type Node, textOf } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext } from './context.ts';
import { below, type PathTable, type Place, pathText, ruleAt } from './path-table.ts';
import { parseVolume } from './short/volume.ts';

/** Gives the identity of a list item, or says why it has none. */
type Identity = (item: Node) => string | { readonly fault: 'not-text' } | { readonly missing: string };

/** Lists in which a later item takes the place of an earlier one with the same identity. */
export const identities: PathTable<Identity> = {
  services: {
    '*': {
      annotations: keyOf,
      build: { args: keyOf, additional_contexts: keyOf, tags: keyOf, labels: keyOf },
      cap_add: keyOf,
      cap_drop: keyOf,
      configs: fileTarget('/'),
      deploy: { labels: keyOf },
      devices: deviceTarget,
      dns: keyOf,
      dns_opt: keyOf,
      dns_search: keyOf,
      environment: keyOf,
      env_file: envFilePath,
      expose: exposed,
      labels: keyOf,
      links: keyOf,
      networks: { '*': { aliases: keyOf, link_local_ips: keyOf } },
      ports: portIdentity,
      profiles: keyOf,
      secrets: fileTarget('/run/secrets/'),
      sysctls: keyOf,
      tmpfs: keyOf,
      volumes: mountTarget,
    },
  },
  networks: { '*': { labels: keyOf, ipam: { options: keyOf } } },
};

/** Drops repeated list items: the later one is kept, in the place of the earlier. */
export function unique(tree: MapNode, context: DocumentContext): MapNode {
  const path: (string | number)[] = [];
  return visit(tree, identities) as MapNode;

  function visit(node: Node, place: Place<Identity>): Node {
    if (place === undefined || node.kind === 'scalar') return node;
    if (node.kind === 'list') {
      const identity = ruleAt(place);
      return identity === undefined ? node : deduplicate(node, identity);
    }
    return mapMembers(node, (value, name) => {
      path.push(name);
      const result = visit(value, below(place, name));
      path.pop();
      return result;
    });
  }

  function deduplicate(list: ListNode, identity: Identity): Node {
    const positions = new Map<string, number>();
    const items: Node[] = [];
    for (const [index, item] of list.items.entries()) {
      const key = identity(item);
      if (typeof key !== 'string') {
        const at = pathText([...path, index]);
        const problem =
          'fault' in key
            ? diagnose('load.list-item-type', { path: at, found: kindName(item) }, item.span)
            : diagnose('load.missing-target', { path: at, what: key.missing }, item.span);
        context.collector.report(problem);
        continue;
      }
      const position = positions.get(key);
      if (position === undefined) {
        positions.set(key, items.length);
        items.push(item);
      } else {
        const old = items[position];
        items[position] = old === undefined || old === item ? item : { ...item, replaced: [old.span, ...(old.replaced ?? [])] };
      }
    }
    return items.length === list.items.length ? list : listNode(items, list.span);
  }
}

function keyOf(item: Node): ReturnType<Identity> {
  const text = textOf(item);
  if (text === undefined) return { fault: 'not-text' };
  const equals = text.indexOf('=');
  return equals === -1 ? text : text.slice(0, equals);
}

function mountTarget(item: Node): ReturnType<Identity> {
  if (item.kind === 'map') return textOf(member(item, 'target')) ?? { missing: 'mount target' };
  const text = textOf(item);
  if (text === undefined) return '';
  const mount = parseVolume(text);
  // What does not parse is reported by the canonical pass.
  return 'problem' in mount ? text : mount.target;
}

function deviceTarget(item: Node): ReturnType<Identity> {
  if (item.kind === 'map') return textOf(member(item, 'target')) ?? { missing: 'device target' };
  const [source = '', target] = (textOf(item) ?? '').split(':');
  return target ?? source;
}

function envFilePath(item: Node): ReturnType<Identity> {
  if (item.kind === 'map') return textOf(member(item, 'path')) ?? { missing: 'path' };
  return textOf(item) ?? '';
}

function exposed(item: Node): ReturnType<Identity> {
  if (item.kind !== 'scalar' || (typeof item.value !== 'string' && typeof item.value !== 'number')) return { fault: 'not-text' };
  return String(item.value);
}

function fileTarget(directory: string): Identity {
  return (item) => {
    if (item.kind === 'list') return { fault: 'not-text' };
    if (item.kind === 'scalar') return `${directory}${goText(item.value)}`;
    return textOf(member(item, 'target')) ?? `${directory}${textOf(member(item, 'source')) ?? ''}`;
  };
}

function portIdentity(item: Node): ReturnType<Identity> {
  if (item.kind === 'scalar') return goText(item.value);
  if (item.kind === 'list') return '';
  const target = member(item, 'target');
  if (target === undefined) return { missing: 'target port' };
  const published = member(item, 'published');
  const part = (node: Node | undefined, otherwise: string) => (node?.kind === 'scalar' ? goText(node.value) : otherwise);
  // A published port written as a number and the same as text are two identities in the reference; so here.
  const publishedKind = published?.kind === 'scalar' ? typeof published.value : 'absent';
  const host = part(member(item, 'host_ip'), '0.0.0.0');
  return `${host}:${publishedKind}:${part(published, '')}:${part(target, '')}/${part(member(item, 'protocol'), 'tcp')}`;
}

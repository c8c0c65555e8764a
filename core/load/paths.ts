import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { type MapNode, mapItems, mapMembers, member, type Node, textOf, withMember } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { LoadContext } from './context.ts';
import { joinPath } from './join-path.ts';
import { below, belowItem, type PathTable, type Place, ruleAt } from './path-table.ts';

interface Base {
  readonly directory: string;
  readonly home: string | undefined;
  readonly context: LoadContext;
}

type Rule = (node: Node, base: Base) => Node;

/** Places that hold paths on the host, and how each is made absolute. */
export const pathRules: PathTable<Rule> = {
  services: {
    '*': {
      build: { context: buildContext, additional_contexts: { '*': buildContext }, ssh: { '*': hostPath } },
      env_file: { '[]': { path: plainPath } },
      label_file: { '[]': plainPath },
      extends: { file: plainPath },
      develop: { watch: { '[]': { path: watchedPath } } },
      volumes: { '[]': bindSource },
    },
  },
  configs: { '*': { file: hostPath } },
  secrets: { '*': { file: hostPath } },
  volumes: { '*': localDevice },
};

/** Joins every relative host path of a model to a directory, which may be relative itself. */
export function rebasePaths(tree: MapNode, directory: string, context: LoadContext): MapNode {
  const base: Base = { directory, home: context.environment.get('HOME') ?? process.env['HOME'], context };
  return visit(tree, pathRules) as MapNode;

  function visit(node: Node, place: Place<Rule>): Node {
    const rule = ruleAt(place);
    if (rule !== undefined) return rule(node, base);
    if (place === undefined || node.kind === 'scalar') return node;
    if (node.kind === 'list') return mapItems(node, (item) => visit(item, belowItem(place)));
    return mapMembers(node, (value, name) => visit(value, below(place, name)));
  }
}

function plainPath(node: Node, base: Base): Node {
  const text = textOf(node);
  if (text === undefined || text === '') return node;
  return withText(node, absolute(text, base));
}

/** Like `plainPath`, but an empty path is the directory itself and Windows drives and shares are absolute everywhere. */
function hostPath(node: Node, base: Base): Node {
  const text = textOf(node);
  if (text === undefined) return node;
  const expanded = expandHome(text, base);
  if (expanded.startsWith('/') || isWindowsAbsolute(expanded)) return withText(node, expanded);
  return withText(node, joinPath(base.directory, expanded));
}

/** Like `plainPath`; the first symbolic link on the way is replaced by what it leads to, since watching needs real directories. */
function watchedPath(node: Node, base: Base): Node {
  const plain = plainPath(node, base);
  const text = textOf(plain);
  return text?.startsWith('/') ? withText(plain, resolveFirstLink(text)) : plain;
}

function resolveFirstLink(path: string): string {
  let current = '';
  for (const part of path.split('/').filter((name) => name !== '')) {
    current += `/${part}`;
    const stat = lstatSync(current, { throwIfNoEntry: false });
    if (stat === undefined) return path;
    if (!stat.isSymbolicLink()) continue;
    return existsSync(current) ? realpathSync(current) + path.slice(current.length) : path;
  }
  return path;
}

const remotePrefixes = ['https://', 'http://', 'git://', 'ssh://', 'github.com/', 'git@'];

function buildContext(node: Node, base: Base): Node {
  const text = textOf(node);
  if (text === undefined || text === '') return node;
  if (text.includes('://') || text.startsWith('service:')) return node;
  if (remotePrefixes.some((prefix) => text.startsWith(prefix))) return node;
  return withText(node, absolute(text, base));
}

function bindSource(node: Node, base: Base): Node {
  if (node.kind !== 'map' || textOf(member(node, 'type')) !== 'bind') return node;
  const source = member(node, 'source');
  if (source === undefined) {
    const reason = 'invalid mount config for type "bind": field Source must not be empty';
    base.context.collector.report(diagnose('load.value', { path: 'volumes', reason }, node.span));
    return node;
  }
  return withMember(node, 'source', hostPath(source, base));
}

function localDevice(node: Node, base: Base): Node {
  if (textOf(member(node, 'driver')) !== 'local') return node;
  const options = member(node, 'driver_opts');
  const device = member(options, 'device');
  if (device === undefined || textOf(member(options, 'o')) !== 'bind' || options?.kind !== 'map') return node;
  return withMember(node as MapNode, 'driver_opts', withMember(options, 'device', hostPath(device, base)));
}

function absolute(text: string, base: Base): string {
  const expanded = expandHome(text, base);
  return expanded.startsWith('/') ? expanded : joinPath(base.directory, expanded);
}

function expandHome(text: string, { home }: Base): string {
  return text.startsWith('~') && home !== undefined ? joinPath(home, text.slice(1)) : text;
}

function isWindowsAbsolute(text: string): boolean {
  return /^[a-zA-Z]:[\\/]/.test(text) || /^\\\\[^\\]+\\[^\\]+/.test(text);
}

function withText(node: Node, text: string): Node {
  return textOf(node) === text ? node : ({ ...node, value: text } as Node);
}

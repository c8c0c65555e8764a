import type { Collector } from '../diagnostics/collector.ts';
import type { Field, Shape } from '../model/shape.ts';
import { goText } from '../source/go-text.ts';
import { kindName, type Node } from '../source/tree.ts';
import { bindScalar } from './bind-scalar.ts';
import { diagnose } from './catalogue.ts';
import { hiddenContent } from './hidden.ts';
import { pathText } from './path-table.ts';
import { shellWords } from './shell-words.ts';

/** Turns a canonical node into the plain value of the model that a shape describes. Faults are reported with their place. */
export function bind(root: Node, shape: Shape, options: { path: readonly (string | number)[]; collector: Collector }): unknown {
  const path = [...options.path];
  return value(root, shape);

  function fault(node: Node, reason: string): undefined {
    options.collector.report(diagnose('load.value', { path: pathText(path), reason }, node.span));
    return undefined;
  }

  function at<T>(segment: string | number, run: () => T): T {
    path.push(segment);
    const result = run();
    path.pop();
    return result;
  }

  function value(node: Node, wanted: Shape): unknown {
    if (node.kind === 'scalar' && node.value === null) return undefined;
    switch (wanted.kind) {
      case 'scalar': {
        const bound = bindScalar(node, wanted.type);
        return typeof bound === 'object' ? fault(node, bound.problem) : bound;
      }
      case 'texts':
        return texts(node);
      case 'command':
        return command(node);
      case 'health-test':
        return node.kind === 'scalar' ? ['CMD-SHELL', goText(node.value)] : texts(node);
      case 'hosts':
        return hosts(node);
      case 'ssh':
        return ssh(node);
      case 'ulimit':
        return ulimit(node);
      case 'anything':
        return plain(node);
      case 'text-map':
        return textMap(node, wanted.unset);
      case 'option-lists':
        return optionLists(node);
      case 'list':
        if (node.kind !== 'list') return fault(node, `expected a list, got a ${kindName(node)}`);
        return node.items.map((item, index) => at(index, () => value(item, wanted.item)));
      case 'map':
        return map(node, wanted.value, wanted.nullable);
      case 'struct':
        return node.kind === 'map' ? struct(node, wanted) : fault(node, `expected a mapping, got a ${kindName(node)}`);
    }
  }

  function struct(node: Node & { kind: 'map' }, wanted: Shape & { kind: 'struct' }): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const field of wanted.fields) {
      const source = node.entries.get(field.hidden === true ? hiddenContent : field.name)?.value;
      const bound = source === undefined ? undefined : at(field.name, () => value(source, field.shape));
      if (field.when === 'always') result[field.name] = bound ?? emptyOf(field.shape);
      else if (isKept(bound, field.when)) result[field.name] = bound;
    }
    const hiddenNode = node.entries.get(hiddenContent)?.value;
    if (hiddenNode !== undefined && result['content'] === undefined)
      result['content'] = value(hiddenNode, { kind: 'scalar', type: 'text' });
    if (!wanted.hasExtensions) return result;
    const extensions = [...node.entries].filter(([name]) => name.startsWith('x-')).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, { value: extension }] of extensions) result[name] = plain(extension);
    return result;
  }

  function map(node: Node, shape: Shape, nullable: boolean): unknown {
    if (node.kind !== 'map') return fault(node, `expected a mapping, got a ${kindName(node)}`);
    const result: Record<string, unknown> = Object.create(null);
    for (const name of [...node.entries.keys()].sort()) {
      const member = node.entries.get(name)?.value;
      if (member === undefined) continue;
      const bound = at(name, () => value(member, shape));
      result[name] = bound ?? (nullable ? null : emptyOf(shape));
    }
    return result;
  }

  function texts(node: Node): unknown {
    if (node.kind === 'map') return fault(node, 'expected a list, got a mapping');
    const items = node.kind === 'list' ? node.items : [node];
    return items.map((item) =>
      item.kind === 'scalar' ? goText(item.value) : fault(item, `expected a text, got a ${kindName(item)}`),
    );
  }

  function command(node: Node): unknown {
    if (node.kind !== 'scalar') return texts(node);
    const words = shellWords(goText(node.value));
    return words ?? fault(node, `invalid command line string: ${goText(node.value)}`);
  }

  function textMap(node: Node, unset: 'null' | 'empty' | 'refused'): unknown {
    const result: Record<string, string | null> = Object.create(null);
    const missing = unset === 'null' ? null : '';
    const pairs: [string, string | null][] = [];
    if (node.kind === 'map') {
      for (const [name, { value: member }] of node.entries) {
        if (member.kind !== 'scalar') fault(member, `"${name}" must be a text`);
        else pairs.push([name, member.value === null ? missing : goText(member.value)]);
      }
    } else if (node.kind === 'list') {
      for (const item of node.items) {
        const written = item.kind === 'scalar' ? goText(item.value) : '';
        const equals = written.indexOf('=');
        const name = equals === -1 ? written : written.slice(0, equals);
        if (unset === 'null' && /\s$/.test(name)) fault(item, `environment variable ${name} is declared with a trailing space`);
        pairs.push([name, equals === -1 ? missing : written.slice(equals + 1)]);
      }
    } else return fault(node, `expected a mapping, got a ${kindName(node)}`);
    const last = new Map(pairs);
    for (const name of [...last.keys()].sort()) result[name] = last.get(name) ?? missing;
    return result;
  }

  function optionLists(node: Node): unknown {
    if (node.kind !== 'map') return fault(node, `expected a mapping, got a ${kindName(node)}`);
    const result: Record<string, unknown> = Object.create(null);
    for (const name of [...node.entries.keys()].sort()) result[name] = texts(node.entries.get(name)?.value as Node);
    return result;
  }

  function hosts(node: Node): unknown {
    const found = new Map<string, string[]>();
    const add = (host: string, ips: readonly string[], source: Node) => {
      if (host === '' || /[:=]/.test(host)) fault(source, `bad host name '${host}'`);
      found.set(host, [...(found.get(host) ?? []), ...ips.map((ip) => ip.replace(/^\[(.+)\]$/, '$1'))]);
    };
    if (node.kind === 'map') {
      for (const [host, { value: member }] of node.entries) {
        const items = member.kind === 'list' ? member.items : [member];
        add(
          host,
          items.map((item) => (item.kind === 'scalar' ? goText(item.value) : '')),
          member,
        );
      }
    } else {
      for (const item of node.kind === 'list' ? node.items : [node]) {
        const written = item.kind === 'scalar' ? goText(item.value) : '';
        const separator = written.includes('=') ? '=' : ':';
        const cut = written.indexOf(separator);
        if (cut === -1) fault(item, `invalid additional host, missing IP: ${written}`);
        else add(written.slice(0, cut), written.slice(cut + 1).split(','), item);
      }
    }
    return [...found].flatMap(([host, ips]) => ips.map((ip) => `${host}=${ip}`)).sort();
  }

  function ssh(node: Node): unknown {
    if (node.kind !== 'map') return fault(node, `expected a mapping, got a ${kindName(node)}`);
    return [...node.entries].map(([id, { value: member }]) => {
      const file = member.kind === 'scalar' && member.value !== null ? goText(member.value) : '';
      return file === '' ? id : `${id}=${file}`;
    });
  }

  function ulimit(node: Node): unknown {
    const number = (item: Node | undefined): number => {
      const isText = item?.kind === 'scalar' && typeof item.value === 'string';
      const bound = item === undefined ? 0 : isText ? undefined : bindScalar(item, 'integer');
      if (typeof bound === 'number') return bound;
      fault(item ?? node, 'must be an integer');
      return 0;
    };
    if (node.kind !== 'map') {
      const single = number(node);
      return single === 0 ? { soft: 0, hard: 0 } : single;
    }
    return { soft: number(node.entries.get('soft')?.value), hard: number(node.entries.get('hard')?.value) };
  }
}

/** Plain data of a node whose form is the user's own (`x-*`): Go's order-free maps come out sorted. */
export function plain(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map': {
      const result: Record<string, unknown> = Object.create(null);
      for (const name of [...node.entries.keys()].sort()) {
        const member = node.entries.get(name)?.value;
        if (member !== undefined && name !== hiddenContent) result[name] = plain(member);
      }
      return result;
    }
  }
}

function isKept(value: unknown, when: Field['when']): boolean {
  if (value === undefined) return false;
  if (when === 'keep') return true;
  if (when === 'unless-true') return value !== true;
  if (value === 0 || value === '' || value === false || value === '0s') return false;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return true;
}

function emptyOf(shape: Shape): unknown {
  if (shape.kind === 'command') return null;
  if (shape.kind !== 'struct') return {};
  const result: Record<string, unknown> = {};
  for (const field of shape.fields) if (field.when === 'always') result[field.name] = emptyOf(field.shape);
  return result;
}

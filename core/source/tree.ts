import type { Span } from './span.ts';

/**
 * The load tree: what a document says, each value with the place it was written at. Trees are immutable and share subtrees (aliases,
 * unchanged parts between passes); a pass returns a new node where it changes something and the same node where it does not.
 */
export type Node = ScalarNode | MapNode | ListNode;

export type Tag = 'reset' | 'override';

interface Located {
  readonly span: Span;
  readonly tag?: Tag;
  /** Where the values were written that merging put this one in place of, latest first. */
  readonly replaced?: readonly Span[];
}

export interface ScalarNode extends Located {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
}

export interface MapNode extends Located {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface ListNode extends Located {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

/** A member of a mapping: the place of its key and its value. */
export interface Entry {
  readonly key: Span;
  readonly value: Node;
}

/** Integers are `number` while exact, `bigint` beyond; a float that YAML read as one stays distinguishable as `Float`. */
export type ScalarValue = null | string | boolean | number | bigint | Float | Timestamp;

/** A YAML float: `1.0` is not the integer `1` when it is turned into text. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  toJSON(): number {
    return this.value;
  }
}

/** A YAML timestamp, kept in RFC 3339 form. */
export class Timestamp {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return this.text;
  }
}

export type Path = readonly (string | number)[];

export function scalarNode(value: ScalarValue, span: Span): ScalarNode {
  return { kind: 'scalar', value, span };
}

export function mapNode(entries: ReadonlyMap<string, Entry>, span: Span): MapNode {
  return { kind: 'map', entries, span };
}

export function listNode(items: readonly Node[], span: Span): ListNode {
  return { kind: 'list', items, span };
}

/** A mapping written by the loader itself, attributed to the place that made it do so. */
export function mapOf(values: Readonly<Record<string, Node | ScalarValue | undefined>>, span: Span): MapNode {
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    entries.set(name, { key: span, value: isNode(value) ? value : scalarNode(value, span) });
  }
  return mapNode(entries, span);
}

function isNode(value: Node | ScalarValue): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** The member of a mapping, `undefined` when it is absent or the node is no mapping. */
export function member(node: Node | undefined, name: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(name)?.value : undefined;
}

/** The text of a string scalar, else `undefined`. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

export function isNull(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null;
}

/** What a value is, in the words of the compose file. */
export function kindName(node: Node): string {
  if (node.kind === 'map') return 'mapping';
  if (node.kind === 'list') return 'list';
  if (node.value === null) return 'null';
  return typeof node.value === 'object' || typeof node.value === 'bigint' ? 'number' : typeof node.value;
}

/** The mapping with a member set (added at the end when new). */
export function withMember(map: MapNode, name: string, value: Node): MapNode {
  const old = map.entries.get(name);
  if (old?.value === value) return map;
  const entries = new Map(map.entries);
  entries.set(name, { key: old?.key ?? value.span, value });
  return { ...map, entries };
}

export function withoutMember(map: MapNode, name: string): MapNode {
  if (!map.entries.has(name)) return map;
  const entries = new Map(map.entries);
  entries.delete(name);
  return { ...map, entries };
}

/** Applies `change` to every member; `undefined` drops it. The same map comes back when nothing changed. */
export function mapMembers(map: MapNode, change: (value: Node, name: string, entry: Entry) => Node | undefined): MapNode {
  let entries: Map<string, Entry> | undefined;
  for (const [name, entry] of map.entries) {
    const value = change(entry.value, name, entry);
    if (value === entry.value) continue;
    entries ??= new Map(map.entries);
    if (value === undefined) entries.delete(name);
    else entries.set(name, { key: entry.key, value });
  }
  return entries === undefined ? map : { ...map, entries };
}

/** Applies `change` to every item; the same list comes back when nothing changed. */
export function mapItems(list: ListNode, change: (value: Node, index: number) => Node): ListNode {
  let items: Node[] | undefined;
  for (const [index, item] of list.items.entries()) {
    const value = change(item, index);
    if (value === item) continue;
    items ??= [...list.items];
    items[index] = value;
  }
  return items === undefined ? list : { ...list, items };
}

/** Plain data for raw rendering; values that JSON cannot say stay as their classes, the loader's hidden members are left out. */
export function toPlain(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlain);
    case 'map': {
      const plain: Record<string, unknown> = Object.create(null);
      for (const [name, entry] of node.entries) if (!name.startsWith('\0')) plain[name] = toPlain(entry.value);
      return plain;
    }
  }
}

/** The deepest node on a path, and whether the whole path exists. */
export function locate(root: Node, path: Path): { node: Node; key: Span | undefined; complete: boolean } {
  let node = root;
  let key: Span | undefined;
  for (const segment of path) {
    let next: Node | undefined;
    if (node.kind === 'map') {
      const entry = node.entries.get(String(segment));
      next = entry?.value;
      if (entry !== undefined) key = entry.key;
    } else if (node.kind === 'list') {
      next = node.items[Number(segment)];
      if (next !== undefined) key = undefined;
    }
    if (next === undefined) return { node, key, complete: false };
    node = next;
  }
  return { node, key, complete: true };
}

import { type SchemaError, validate } from '#schemas/compose-spec.validate.js';
import { nearest } from '../diagnostics/nearest.ts';
import { sections } from '../model/project-shape.ts';
import type { Shape } from '../model/shape.ts';
import { goText } from '../source/go-text.ts';
import { Float, kindName, locate, type MapNode, type Node, type Path, Timestamp, withoutMember } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext } from './context.ts';
import { pathText } from './path-table.ts';

/** Checks the merged tree against the schema of the compose file and drops `version`, which means nothing any more. */
export function validateSchema(tree: MapNode, context: DocumentContext): MapNode {
  if (!context.validates) return tree;
  if (!validate(schemaData(tree))) {
    for (const error of validate.errors ?? []) reportError(error, tree, context);
    validate.errors = null;
  }
  const version = tree.entries.get('version');
  if (version === undefined) return tree;
  context.collector.report(diagnose('load.obsolete-version', { file: context.file.name }, version.key));
  return withoutMember(tree, 'version');
}

/** Plain data for the validator. Floats that JSON cannot say become a bigint, which no schema type accepts. */
function schemaData(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(schemaData);
  if (node.kind === 'map') {
    const data: Record<string, unknown> = {};
    for (const [name, entry] of node.entries) {
      if (name.startsWith('\0')) continue;
      const value = schemaData(entry.value);
      if (name !== '__proto__') data[name] = value;
      else Object.defineProperty(data, name, { value, enumerable: true });
    }
    return data;
  }
  const { value } = node;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return Number.isFinite(value.value) ? value.value : 0n;
  // A timestamp is text as far as the schema goes; places that want a text alone refuse it when they are bound.
  return value instanceof Timestamp ? value.text : value;
}

function reportError(error: SchemaError, tree: MapNode, { collector }: DocumentContext): void {
  const path = pointerPath(error.instancePath, tree);
  const { node, key } = locate(tree, path);
  const { reason, hint, member } = explain(error, { path, node, isBrief: collector.isCrowded });
  const entry = member !== undefined && node.kind === 'map' ? node.entries.get(member) : undefined;
  if (reason === undefined) return;
  const isEmptyValue = node.kind === 'scalar' && node.value === null;
  const at = entry?.key ?? (isEmptyValue ? (key ?? node.span) : node.span);
  collector.report(diagnose('load.schema', { path: pathText(path) || 'the file', reason, hint }, at));
}

function pointerPath(pointer: string, tree: Node): Path {
  const path: (string | number)[] = [];
  let node: Node | undefined = tree;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const isIndex: boolean = node?.kind === 'list';
    path.push(isIndex ? Number(name) : name);
    node =
      isIndex && node?.kind === 'list'
        ? node.items[Number(name)]
        : node?.kind === 'map'
          ? node.entries.get(name)?.value
          : undefined;
  }
  return path;
}

interface Explanation {
  readonly reason: string | undefined;
  readonly hint?: string | undefined;
  /** The member that the fault is about. */
  readonly member?: string;
}

interface Place {
  readonly path: Path;
  readonly node: Node;
  /** No advice is wanted. */
  readonly isBrief: boolean;
}

function explain({ keyword, params }: SchemaError, place: Place): Explanation {
  const { path, node } = place;
  switch (keyword) {
    case 'type':
      return {
        reason: `must be ${typeNames(params['type'])}, not ${described(node)}`,
        hint: misplacedHint(path, node) ?? typeHint(path, node),
      };
    case 'additionalProperties': {
      const member = String(params['additionalProperty']);
      return { member, ...unknownMember(member, place) };
    }
    case 'required': {
      const missing = String(params['missingProperty']);
      return { reason: `is missing "${missing}"`, hint: `add \`${missing}:\`` };
    }
    case 'enum': {
      const allowed = params['allowedValues'] as readonly string[];
      const list = allowed.map((value) => `"${value}"`).join(', ');
      const suggestion = node.kind === 'scalar' && typeof node.value === 'string' ? nearest(node.value, allowed) : undefined;
      const hint = suggestion === undefined ? undefined : `did you mean "${suggestion}"?`;
      return { reason: `must be ${allowed.length === 1 ? '' : 'one of '}${list}, not ${described(node)}`, hint };
    }
    case 'minimum':
      return { reason: `must be greater than or equal to ${params['limit']}` };
    case 'maximum':
      return { reason: `must be less than or equal to ${params['limit']}` };
    case 'pattern':
      return { reason: `must match ${params['pattern']}, not ${described(node)}` };
    case 'uniqueItems': {
      const positions = [Number(params['i']), Number(params['j'])].sort((a, b) => a - b);
      return { reason: `has equal items at ${positions.join(' and ')}` };
    }
    default:
      // `if` only repeats what its branch has said.
      return { reason: undefined };
  }
}

function unknownMember(member: string, { path, node, isBrief }: Place): { reason: string; hint?: string | undefined } {
  const shape = shapeAt(path);
  if (shape?.kind === 'map') {
    return { reason: `has a name that is not allowed: "${member}"`, hint: 'use letters, digits, ".", "_" and "-"' };
  }
  const reason = `has the unknown attribute "${member}"`;
  if (isBrief) return { reason };
  if (path.length === 0) {
    const value = node.kind === 'map' ? node.entries.get(member)?.value : undefined;
    const isService = value?.kind === 'map' && ['image', 'build'].some((name) => value.entries.has(name));
    if (isService) return { reason, hint: `is "${member}" a service? indent it under \`services:\`` };
  }
  const known =
    shape?.kind === 'struct' ? shape.fields.map((field) => field.name) : [...Object.keys(sections), 'name', 'include'];
  const suggestion = nearest(member, known);
  if (suggestion !== undefined) return { reason, hint: `did you mean "${suggestion}"?` };
  const isService = path.length > 1 && path[0] === 'services' && path.length > 2;
  if (isService && fieldNames(['services', '*']).includes(member)) {
    return { reason, hint: `"${member}" belongs to the service; is it indented too far?` };
  }
  if (path.length === 2 && Object.keys(sections).includes(member)) {
    return { reason, hint: `\`${member}:\` stands at the top level; is it indented too far?` };
  }
  return { reason, hint: path.length === 0 ? undefined : 'names of your own start with "x-"' };
}

/** An attribute that stands where a name is expected was probably indented too little. */
function misplacedHint(path: Path, node: Node): string | undefined {
  const [section, name] = path;
  if (path.length !== 2 || typeof name !== 'string' || section !== 'services') return undefined;
  if (node.kind === 'scalar' && node.value === null) return 'a service needs at least `image:` or `build:`';
  return fieldNames(['services', '*']).includes(name)
    ? `"${name}" is an attribute of a service; is it indented too little?`
    : undefined;
}

/** Numbers where only text will do are common: durations without a unit, users by number. */
function typeHint(path: Path, node: Node): string | undefined {
  if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'string') return undefined;
  const shape = shapeAt(path);
  if (shape?.kind !== 'scalar') return undefined;
  const written = goText(node.value);
  if (shape.type === 'duration') return `write a unit, as in ${written}s`;
  return shape.type === 'text' ? `quote it: "${written}"` : undefined;
}

function fieldNames(path: Path): readonly string[] {
  const shape = shapeAt(path);
  return shape?.kind === 'struct' ? shape.fields.map((field) => field.name) : [];
}

function shapeAt(path: Path): Shape | undefined {
  const [section, ...rest] = path;
  let shape: Shape | undefined = sections[section as keyof typeof sections];
  for (const segment of rest) {
    if (shape?.kind === 'map') shape = shape.value;
    else if (shape?.kind === 'list') shape = shape.item;
    else if (shape?.kind === 'struct') shape = shape.fields.find((field) => field.name === segment)?.shape;
    else return undefined;
  }
  return shape;
}

const words: Readonly<Record<string, string>> = { object: 'mapping', array: 'list', string: 'string', boolean: 'boolean' };

function typeNames(type: unknown): string {
  const types = (Array.isArray(type) ? type : [type]).map((one: string) => words[one] ?? one);
  const last = types.pop() ?? '';
  const list = types.length === 0 ? last : `${types.join(', ')} or ${last}`;
  return `${/^[aeiou]/.test(list) ? 'an' : 'a'} ${list}`;
}

function described(node: Node): string {
  if (node.kind !== 'scalar' || node.value === null) return node.kind === 'scalar' ? 'empty' : `a ${kindName(node)}`;
  if (typeof node.value === 'string') return `"${node.value.length > 60 ? `${node.value.slice(0, 60)}…` : node.value}"`;
  return `the ${kindName(node)} ${goText(node.value)}`;
}

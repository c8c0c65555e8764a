/**
 * How the canonical model is laid out: member order, value kinds and what is left out when empty, as data. Binding, rendering and hashing
 * read the same description, so they cannot disagree. The layout is that of the reference's own output.
 */
export type Shape =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'texts' | 'command' | 'health-test' | 'hosts' | 'ssh' | 'ulimit' | 'anything' }
  | { readonly kind: 'text-map'; readonly unset: 'null' | 'empty' | 'refused' }
  | { readonly kind: 'option-lists' }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'map'; readonly value: Shape; readonly nullable: boolean }
  | { readonly kind: 'struct'; readonly fields: readonly Field[]; readonly hasExtensions: boolean };

export type ScalarType = 'text' | 'boolean' | 'integer' | 'unsigned' | 'float32' | 'bytes' | 'duration' | 'mode' | 'count';

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /**
   * `omit` (usual): left out when zero or empty. `keep`: left out only when absent. `always`: JSON has it even when absent, YAML leaves it
   * out when empty. `unless-true`: left out when true.
   */
  readonly when: 'omit' | 'keep' | 'always' | 'unless-true';
  /** Name in JSON where it differs. */
  readonly jsonName?: string;
  /** Present in the model, never rendered. */
  readonly hidden?: boolean;
}

export const text: Shape = { kind: 'scalar', type: 'text' };
export const boolean: Shape = { kind: 'scalar', type: 'boolean' };
export const integer: Shape = { kind: 'scalar', type: 'integer' };
/** An integer that must not be negative. */
export const unsigned: Shape = { kind: 'scalar', type: 'unsigned' };
export const float32: Shape = { kind: 'scalar', type: 'float32' };
export const bytes: Shape = { kind: 'scalar', type: 'bytes' };
export const duration: Shape = { kind: 'scalar', type: 'duration' };
export const mode: Shape = { kind: 'scalar', type: 'mode' };
export const count: Shape = { kind: 'scalar', type: 'count' };
export const texts: Shape = { kind: 'texts' };
export const command: Shape = { kind: 'command' };
export const healthTest: Shape = { kind: 'health-test' };
export const hosts: Shape = { kind: 'hosts' };
export const ssh: Shape = { kind: 'ssh' };
export const ulimit: Shape = { kind: 'ulimit' };
export const anything: Shape = { kind: 'anything' };
/** `KEY=value` data; a key without a value is an empty text. */
export const textMap: Shape = { kind: 'text-map', unset: 'empty' };
/** `KEY=value` data; a key without a value stays without one. */
export const environmentMap: Shape = { kind: 'text-map', unset: 'null' };
export const optionLists: Shape = { kind: 'option-lists' };

export function listOf(item: Shape): Shape {
  return { kind: 'list', item };
}

export function mapOfShape(value: Shape, options: { nullable?: boolean } = {}): Shape {
  return { kind: 'map', value, nullable: options.nullable ?? false };
}

type FieldInput = Shape | Omit<Field, 'name'>;

/** A mapping with known members, in rendering order; it keeps `x-*` members unless the reference loses them there. */
export function struct(members: Readonly<Record<string, FieldInput>>, options: { hasExtensions?: boolean } = {}): Shape {
  const fields = Object.entries(members).map(([name, input]) =>
    'kind' in input ? { name, shape: input, when: 'omit' as const } : { name, ...input },
  );
  return { kind: 'struct', fields, hasExtensions: options.hasExtensions ?? true };
}

export function keep(shape: Shape): Omit<Field, 'name'> {
  return { shape, when: 'keep' };
}

export function always(shape: Shape): Omit<Field, 'name'> {
  return { shape, when: 'always' };
}

export function unlessTrue(): Omit<Field, 'name'> {
  return { shape: boolean, when: 'unless-true' };
}

export function hidden(shape: Shape): Omit<Field, 'name'> {
  return { shape, when: 'keep', hidden: true };
}

export function inJson(jsonName: string, shape: Shape): Omit<Field, 'name'> {
  return { shape, when: 'keep', jsonName };
}

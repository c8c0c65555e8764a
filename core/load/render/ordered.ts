import type { Field, Shape } from '../../model/shape.ts';
import { compareBytes } from '../compare.ts';
import { naturalOrder } from './natural-order.ts';

/** Output data with the order of members settled; object members would be reordered where they look like numbers. */
export type Ordered = unknown | Ordered[] | Map<string, Ordered>;

export type Form = 'json' | 'yaml';

/** Lays a value of the model out for output by its shape; `undefined`: it is left out. */
export function ordered(value: unknown, shape: Shape, form: Form): Ordered {
  if (value === undefined) return undefined;
  if (value === null) return null;
  switch (shape.kind) {
    case 'struct':
      // Shapes and model agree by construction: `bind` follows the same shape.
      return orderedStruct(value as Readonly<Record<string, unknown>>, shape.fields, form);
    case 'list':
      return (value as readonly unknown[]).map((item) => ordered(item, shape.item, form));
    case 'map':
      return sorted(value as Readonly<Record<string, unknown>>, form, (item) => ordered(item, shape.value, form));
    case 'text-map':
    case 'option-lists':
      return sorted(value as Readonly<Record<string, unknown>>, form, (item) => item);
    case 'ulimit':
      return ulimit(value, form);
    case 'ssh':
      return form === 'json' ? value : (value as readonly string[]).map((key) => key.replace('=', ': '));
    case 'anything':
      return sortedDeep(value, form);
    default:
      return value;
  }
}

function orderedStruct(value: Readonly<Record<string, unknown>>, fields: readonly Field[], form: Form): Map<string, Ordered> {
  const result = new Map<string, Ordered>();
  for (const field of fields) {
    if (field.hidden === true) continue;
    // Content that was taken from the environment is never shown.
    if (field.name === 'content' && value['environment']) continue;
    const laid = ordered(value[field.name], field.shape, form);
    if (laid === undefined) continue;
    if (form === 'yaml' && field.when === 'always' && isEmpty(laid)) continue;
    result.set(form === 'json' ? (field.jsonName ?? field.name) : field.name, laid);
  }
  if (form === 'json') return result;
  const extensions = Object.keys(value).filter((name) => name.startsWith('x-'));
  for (const name of extensions.sort(naturalOrder)) result.set(name, sortedDeep(value[name], form));
  return result;
}

function isEmpty(value: Ordered): boolean {
  return value === null || (value instanceof Map && value.size === 0);
}

function ulimit(value: unknown, form: Form): Ordered {
  if (typeof value === 'number') return value;
  const { soft, hard } = value as { soft: number; hard: number };
  const sides = Object.entries({ soft, hard }).filter(([, limit]) => form === 'yaml' || limit !== 0);
  return new Map(sides);
}

/** A map's members in the order of the form. */
export function sorted(
  value: Readonly<Record<string, unknown>>,
  form: Form,
  lay: (item: unknown) => Ordered,
): Map<string, Ordered> {
  const names = Object.keys(value).sort(form === 'json' ? compareBytes : naturalOrder);
  return new Map(names.map((name) => [name, lay(value[name])]));
}

/** Free-form data (`x-*`) with all mappings sorted. */
export function sortedDeep(value: unknown, form: Form): Ordered {
  if (Array.isArray(value)) return value.map((item) => sortedDeep(item, form));
  const isMapping = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
  return isMapping ? sorted(value as Record<string, unknown>, form, (item) => sortedDeep(item, form)) : value;
}

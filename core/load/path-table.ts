/**
 * Rules by place in the model, as one nested object literal: a member is a key, `*` any key, `[]` any list item; `here` holds the rule of
 * an inner place. A literal key wins over `*`, whatever the order. Rules are functions or texts, never objects.
 */
export interface PathTable<R> {
  readonly [segment: string]: PathTable<R> | R;
  readonly [here]?: R;
}

export const here: unique symbol = Symbol('here');

/** Where a walk stands in a table; `undefined` once no rule can match below. */
export type Place<R> = PathTable<R> | R | undefined;

/** The place below for a mapping key. */
export function below<R>(place: Place<R>, key: string): Place<R> {
  if (typeof place !== 'object' || place === null) return undefined;
  const table = place as PathTable<R>;
  return Object.hasOwn(table, key) ? table[key] : table['*'];
}

/** The place below for a list item. */
export function belowItem<R>(place: Place<R>): Place<R> {
  if (typeof place !== 'object' || place === null) return undefined;
  return (place as PathTable<R>)['[]'];
}

/** The rule of a place itself. */
export function ruleAt<R>(place: Place<R>): R | undefined {
  if (typeof place !== 'object' || place === null) return place;
  return (place as PathTable<R>)[here];
}

/** Every pattern of a table, for the test that each exists in the schema. */
export function patternsOf<R>(table: PathTable<R>, path: readonly string[] = []): string[][] {
  const patterns: string[][] = table[here] === undefined ? [] : [[...path]];
  for (const [segment, next] of Object.entries(table)) {
    if (typeof next === 'object' && next !== null) patterns.push(...patternsOf(next as PathTable<R>, [...path, segment]));
    else patterns.push([...path, segment]);
  }
  return patterns;
}

/** `services.web.ports[0]`, the way messages show a place; keys with odd characters are quoted. */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += `${text === '' ? '' : '.'}${/^[^\s."'[\]]+$/.test(segment) ? segment : JSON.stringify(segment)}`;
  }
  return text;
}

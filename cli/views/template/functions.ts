import { TemplateFault } from './syntax.ts';

/** Functions of text/template and of Docker's formatter. */
export const templateFunctions: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  json: (value) => goJson(value),
  upper: (value) => goText(value).toUpperCase(),
  lower: (value) => goText(value).toLowerCase(),
  title: (value) => goText(value).replaceAll(/\b\w/g, (letter) => letter.toUpperCase()),
  truncate: (value, length) => goText(value).slice(0, Number(length)),
  pad: (value, before, after) => `${' '.repeat(Number(before))}${goText(value)}${' '.repeat(Number(after))}`,
  join: (list, separator) => (Array.isArray(list) ? list.map(goText).join(goText(separator)) : goText(list)),
  split: (value, separator) => goText(value).split(goText(separator)),
  println: (...args) => `${args.map(goText).join(' ')}\n`,
  print: (...args) => args.map(goText).join(''),
  printf: (format, ...args) => printf(goText(format), args),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce((inner: unknown, key) => memberOf(inner, key), value),
  slice: (value, from = 0, to = undefined) => {
    const end = to === undefined ? undefined : Number(to);
    return Array.isArray(value) ? value.slice(Number(from), end) : goText(value).slice(Number(from), end);
  },
  not: (value) => !isTrue(value),
  and: (...args) => args.find((one) => !isTrue(one)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  eq: (value, ...others) => others.some((one) => isEqual(value, one)),
  ne: (value, other) => !isEqual(value, other),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
};

/** Go's idea of empty: false, 0, nil, and what has no length. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

/** A value as Go prints it: `map[a:b]`, `[x y]`, `<no value>`. */
export function goText(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${goText(one)}`).join(' ')}]`;
}

function goJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** Element of a list, or member of an object. */
export function memberOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, String(key)) ? (value as Readonly<Record<string, unknown>>)[String(key)] : undefined;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new TemplateFault('{{len}}');
}

function isEqual(a: unknown, b: unknown): boolean {
  return typeof a === 'object' || typeof b === 'object' ? a === b : String(a) === String(b);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** `%s %v %d %q %x %5s %-10s %%`; what does not fit is printed as it is. */
function printf(format: string, args: readonly unknown[]): string {
  const rest = [...args];
  return format.replaceAll(
    /%(-?)(\d*)(?:\.(\d+))?([svdqxtf%])/g,
    (_all, minus: string, width: string, digits: string, verb: string) => {
      if (verb === '%') return '%';
      const text = verbText(verb, rest.shift(), digits);
      return minus === '-' ? text.padEnd(Number(width)) : text.padStart(Number(width));
    },
  );
}

function verbText(verb: string, value: unknown, digits: string | undefined): string {
  if (verb === 'q') return JSON.stringify(goText(value));
  if (verb === 'x') return typeof value === 'number' ? value.toString(16) : Buffer.from(goText(value)).toString('hex');
  if (verb === 'f') return Number(value).toFixed(digits === undefined ? 6 : Number(digits));
  return verb === 's' && digits !== undefined ? goText(value).slice(0, Number(digits)) : goText(value);
}

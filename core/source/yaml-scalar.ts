import { Float, type ScalarValue, Timestamp } from './tree.ts';

const words: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, new Float(Number.POSITIVE_INFINITY)] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, new Float(Number.NEGATIVE_INFINITY)] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, new Float(Number.NaN)] as const),
]);

const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/**
 * Value of a plain (unquoted) YAML scalar by the reference's rules: YAML 1.2 core with YAML 1.1 leftovers (`010` is octal, `_` separates
 * digits, ISO dates are timestamps), but `yes`, `on` and `22:22` are text.
 */
export function resolvePlain(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === 0x2e) return floatForm.test(text) ? new Float(Number(text)) : text;
  const isNumberLike = first === 0x2b || first === 0x2d || (first >= 0x30 && first <= 0x39);
  if (!isNumberLike) return text;
  return resolveTimestamp(text) ?? resolveNumber(text.replaceAll('_', '')) ?? text;
}

/** No 64-bit integer is longer, in any base; reading an endless one exactly would cost the square of its length. */
const maxDigits = 80;

function resolveNumber(text: string): number | bigint | Float | undefined {
  const integer =
    text.length > maxDigits ? null : /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text);
  if (integer !== null) {
    const [, sign, digits = '0'] = integer;
    const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
    const value = sign === '-' ? -magnitude : magnitude;
    if (value >= int64Min && value <= uint64Max) return asInteger(value);
  }
  return floatForm.test(text) ? new Float(Number(text)) : undefined;
}

/** A `number` where that is exact, else a `bigint`. */
export function asInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function resolveTimestamp(text: string): Timestamp | undefined {
  const match = /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt ](\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute = '', second = '', fraction, zone] = match;
  // With `T` a zone is needed, with a blank there must be none.
  if (hour !== undefined && (text.charAt(text.search(/[Tt ]/)) === ' ') !== (zone === undefined)) return undefined;
  const pad = (part: string) => part.padStart(2, '0');
  const date = new Date(`${year}-${pad(month)}-${pad(day)}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const fractionText = fraction === undefined ? '' : `.${fraction}`.replace(/\.?0+$/, '');
  const time = hour === undefined ? '00:00:00' : `${pad(hour)}:${pad(minute)}:${pad(second)}${fractionText}`;
  return new Timestamp(`${year}-${pad(month)}-${pad(day)}T${time}${zone ?? 'Z'}`);
}

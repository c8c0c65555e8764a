import type { ScalarType } from '../model/shape.ts';
import { goText, nearestFloat32 } from '../source/go-text.ts';
import { Float, kindName, type Node, type ScalarValue } from '../source/tree.ts';
import { readBoolean, readInteger } from './read-text.ts';
import { parseByteSize } from './short/byte-size.ts';
import { formatDuration, parseDuration } from './short/duration.ts';

export type BoundScalar = string | number | boolean | undefined | { readonly problem: string };

/** Reads one scalar as a type of the model; `undefined`: the reference drops it silently. */
export function bindScalar(node: Node, type: ScalarType): BoundScalar {
  if (node.kind !== 'scalar') return { problem: `expected a single value, got a ${kindName(node)}` };
  return readers[type](node.value);
}

const readers: Readonly<Record<ScalarType, (value: ScalarValue) => BoundScalar>> = {
  text(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    return { problem: `must be a text, not ${goText(value)}` };
  },
  boolean(value) {
    if (typeof value === 'boolean') return value;
    const read = typeof value === 'string' ? readBoolean(value) : undefined;
    return read ?? { problem: `must be true or false, not "${goText(value)}"` };
  },
  integer(value) {
    if (typeof value === 'number') return value;
    if (value instanceof Float) return Math.trunc(value.value);
    const read = typeof value === 'string' ? readInteger(value) : value;
    return typeof read === 'number' ? read : { problem: `must be an integer, not "${goText(value)}"` };
  },
  unsigned(value) {
    // Where the reference takes such a number from text, interpolation has read it before.
    const read = typeof value === 'string' ? { problem: `must be an integer, not "${value}"` } : readers.integer(value);
    return typeof read === 'number' && read < 0 ? { problem: 'must not be negative' } : read;
  },
  float32(value) {
    const number =
      value instanceof Float
        ? value.value
        : typeof value === 'boolean' || value === null
          ? Number.NaN
          : Number(goText(value) || 'x');
    return Number.isNaN(number) ? { problem: `must be a number, not "${goText(value)}"` } : nearestFloat32(number);
  },
  bytes(value) {
    if (typeof value === 'number') return value === 0 ? '' : String(value);
    if (typeof value !== 'string') return undefined;
    const size = parseByteSize(value);
    return typeof size === 'bigint' ? (size === 0n ? '' : String(size)) : size;
  },
  duration(value) {
    const nanoseconds = parseDuration(goText(value));
    return nanoseconds === undefined
      ? { problem: `"${goText(value)}" is not a duration; write a number with a unit, as in 30s or 1m30s` }
      : formatDuration(nanoseconds);
  },
  mode(value) {
    const number = typeof value === 'string' && /^[0-7]{1,20}$/.test(value) ? Number.parseInt(value, 8) : value;
    if (typeof number !== 'number' || number < 0)
      return { problem: `"${goText(value)}" is not a file mode; write it in octal, as in "0440"` };
    return `0${number.toString(8)}`;
  },
  count(value) {
    if (typeof value === 'number') return value;
    const written = goText(value);
    if (written.toLowerCase() === 'all') return -1;
    const read = readInteger(written);
    return typeof read === 'number'
      ? read
      : { problem: `invalid value "${written}", the only value allowed is 'all' or a number` };
  },
};

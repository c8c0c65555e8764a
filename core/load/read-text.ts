import { Float } from '../source/tree.ts';
import { asInteger } from '../source/yaml-scalar.ts';

/** A decimal int64, as Go's Atoi reads it. */
export function readInteger(text: string): number | bigint | undefined {
  if (text.length > 80 || !/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value === BigInt.asIntN(64, value) ? asInteger(value) : undefined;
}

/** A decimal number. */
export function readFloat(text: string): Float | undefined {
  return /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text) ? new Float(Number(text)) : undefined;
}

/** The words that the reference takes for booleans in places that want one. */
export function readBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['true', 'y', 'yes', 'on'].includes(word)) return true;
  if (['false', 'n', 'no', 'off'].includes(word)) return false;
  return undefined;
}

import { Float, type ScalarValue, Timestamp } from './tree.ts';

/** The text that the reference gives a scalar where text is wanted (labels, environment): Go's default formatting. */
export function goText(value: ScalarValue): string {
  if (value === null) return '';
  if (value instanceof Float) return goFloat(value.value);
  if (value instanceof Timestamp) return timestampText(value.text);
  return String(value);
}

/** Go's `%v` of a float64: shortest digits, exponent form when the decimal exponent is below -4 or above 5. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The float32 nearest to a number, as the shortest decimal that reads back to it (CPU counts). */
export function nearestFloat32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return single;
}

function timestampText(rfc3339: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)$/.exec(rfc3339);
  if (match === null) return rfc3339;
  const [, day, time, zone = 'Z'] = match;
  const compact = zone.replace(':', '');
  return `${day} ${time} ${zone === 'Z' ? '+0000 UTC' : `${compact} ${compact}`}`;
}

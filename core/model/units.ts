/** Readers of the canonical texts in `Project`. They accept only what the canonical pass writes. */

const nsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Milliseconds of a Go duration text such as `1m30s`, `1.5s`, `0s` (rounded to 1 ms, at least 1 for anything above 0). */
export function durationMs(text: string): number {
  let ns = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)) {
    ns += Number(amount) * (nsPerUnit[unit] ?? 0);
  }
  const ms = Math.round(ns / 1e6);
  return ns > 0 && ms === 0 ? 1 : ms;
}

/** Bytes of a canonical decimal text such as `"67108864"`; `-1` stays -1 (unlimited). */
export function byteCount(text: string): number {
  return Number.parseInt(text, 10);
}

/** Mode bits of an octal text such as `"0440"`. */
export function fileMode(text: string): number {
  return Number.parseInt(text, 8);
}

import type { Span } from '../source/span.ts';
import type { Loaded } from './request.ts';

/** Where the value at `path` was written, or the nearest thing around it that was; undefined when nothing of it was. Digits may be an index. */
export function placeOf(origins: Loaded['origins'], path: readonly string[]): Span | undefined {
  for (let length = path.length; length > 1; length--) {
    const part = path.slice(0, length);
    const indexed = part.map((one) => (/^\d+$/.test(one) ? Number(one) : one));
    const found = origins.get(JSON.stringify(part)) ?? origins.get(JSON.stringify(indexed));
    if (found !== undefined) return found.at;
  }
  return undefined;
}

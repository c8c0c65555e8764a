import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Pace } from '#core/engine/log-lines.ts';
import type { Host } from './host.ts';

/** Lines after which signals and other events have their turn. */
const linesAtOnce = 256;

/** Lines are printed no faster than they are read, and a flood of them leaves room for Ctrl-C. */
export function paceOf({ stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>): Pace {
  let lines = 0;
  return (signal) => {
    const slow = [stdout, stderr].find((stream) => stream.writableNeedDrain === true);
    if (slow !== undefined) return once(slow, 'drain', signal === undefined ? {} : { signal });
    lines++;
    return lines % linesAtOnce === 0 ? setImmediate() : undefined;
  };
}

import { stripVTControlCharacters } from 'node:util';
import type { Event } from '#core/events/event.ts';

type BuildMessage = Extract<Event, { type: 'build-event' }>;

/** Numbers for the steps of all builds of a run, and their output cut into lines. */
export interface StepNumbers {
  of(message: BuildMessage): number;
  /** Lines that a message completes, each only as its last overwriting left it; the end of a step completes the last one. */
  lines(message: BuildMessage): readonly string[];
}

export function stepNumbers(): StepNumbers {
  const numbers = new Map<string, number>();
  const rests = new Map<number, string>();
  const numberOf = ({ action, event }: BuildMessage): number => {
    const key = `${action.id} ${event.step}`;
    const number = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, number);
    return number;
  };
  return {
    of: numberOf,
    lines(message) {
      const number = numberOf(message);
      const text = (rests.get(number) ?? '') + (message.event.type === 'output' ? message.event.text : '');
      const lines = text.split('\n');
      const rest = lines.pop() ?? '';
      if (message.event.type === 'step' && rest !== '') lines.push(rest);
      rests.set(number, message.event.type === 'step' ? '' : rest);
      return lines.map(lastState);
    },
  };
}

/** Progress bars overwrite their line: what stands after the last return counts. */
function lastState(line: string): string {
  const parts = line.replace(/\r+$/, '').split('\r');
  return stripVTControlCharacters(parts.at(-1) ?? '');
}

import type { Event } from '#core/events/event.ts';
import { stepNumbers } from '../step-numbers.ts';
import { harmless } from '../text.ts';

/** Builds as BuildKit's plain progress shows them: `#5 [2/3] RUN make`, `#5 0.812 output`, `#5 DONE 1.2s`. */
export function buildLines(): (message: Extract<Event, { type: 'build-event' }>) => readonly string[] {
  const numbers = stepNumbers();
  return (message) => {
    const { event } = message;
    const prefix = `#${numbers.of(message)}`;
    const title = `${prefix} ${harmless(event.type === 'step' ? event.title : '')}`;
    const seconds = 'elapsedMs' in event ? event.elapsedMs / 1000 : 0;
    const output = numbers.lines(message).map((line) => `${prefix} ${seconds.toFixed(3)} ${harmless(line)}`);
    if (event.type === 'output') return output;
    switch (event.state) {
      case 'started':
        return [title];
      case 'cached':
        return [title, `${prefix} CACHED`];
      case 'done':
        return [...output, `${prefix} DONE ${seconds.toFixed(1)}s`];
      case 'failed':
        return [...output, `${prefix} ERROR ${harmless(event.title)}`];
    }
  };
}

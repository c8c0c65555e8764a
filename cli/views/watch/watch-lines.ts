import type { EmitWatch, WatchEvent } from '#core/watch/event.ts';
import type { Output } from '../../output.ts';
import type { Settings } from '../../settings.ts';
import { paint } from '../colours.ts';
import { syncedText, watchText } from './watch-text.ts';

/**
 * A line for each event: in words, or as an object of schemas/events.json when progress is json. `prefix` goes before words beside logs.
 */
export function watchLines(request: {
  readonly write: (line: string) => void;
  readonly output: Pick<Output, 'diagnostic'>;
  readonly settings: Pick<Settings, 'progress' | 'colourOut'>;
  readonly prefix?: string;
}): EmitWatch {
  const { write, output, settings, prefix = '' } = request;
  const changes = new Map<string, number>();
  return (event) => {
    if (event.type === 'problem') return output.diagnostic(event.diagnostic);
    if (event.type === 'action-failed') for (const one of event.diagnostics) output.diagnostic({ ...one, severity: 'warning' });
    if (event.type === 'sync-started') changes.set(event.service, event.changes);
    if (settings.progress === 'json') {
      const object = watchObject(event);
      if (object !== undefined) write(JSON.stringify(object));
      return;
    }
    const text = watchText(event, 'service' in event ? (changes.get(event.service) ?? 0) : 0);
    if (text !== undefined) write(paint(prefix, '92', settings.colourOut) + text);
  };
}

type Status = 'Working' | 'Done' | 'Error';

/** An event in the resource form of schemas/events.json. */
export function watchObject(event: WatchEvent): object | undefined {
  const object = (service: string, status: Status, text: string, details?: string): object => ({
    id: `Service ${service}`,
    status,
    text,
    ...(details === undefined ? {} : { details }),
  });
  switch (event.type) {
    case 'enabled':
      return { id: 'Watch', status: 'Working', text: 'Enabled', details: watchText(event, 0) };
    case 'disabled':
      return { id: 'Watch', status: 'Done', text: 'Disabled' };
    case 'sync-started':
      return object(event.service, 'Working', 'Syncing', `${event.changes} changes (${event.cause})`);
    case 'sync-finished':
      return { ...object(event.service, 'Done', 'Synced', syncedText(event)), current: event.bytes, total: event.bytes };
    case 'action-started':
      return object(event.service, 'Working', { rebuild: 'Rebuilding', restart: 'Restarting', apply: 'Applying' }[event.action]);
    case 'action-finished':
      return object(event.service, 'Done', { rebuild: 'Rebuilt', restart: 'Restarted', apply: 'Applied' }[event.action]);
    case 'action-failed':
      return object(event.service, 'Error', event.action, event.diagnostics.map((one) => one.message).join('; '));
    case 'exec-started':
      return object(event.service, 'Working', 'Running', event.command);
    case 'exec-finished':
      return object(event.service, event.exitCode === 0 ? 'Done' : 'Error', 'Ran', `${event.command}: status ${event.exitCode}`);
    case 'exec-output':
      return object(event.container, 'Working', 'Output', event.text);
    case 'problem':
      return undefined;
    default:
      return undefined;
  }
}

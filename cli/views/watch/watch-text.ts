import { unreachable } from '#core/unreachable.ts';
import type { WatchEvent } from '#core/watch/event.ts';
import { sizeText } from '../sizes.ts';
import { harmless } from '../text.ts';

/** An event in words, as Docker Compose says it where it has words for it; undefined: nothing to say. */
export function watchText(event: WatchEvent, changes: number): string | undefined {
  switch (event.type) {
    case 'enabled':
      return `Watch enabled: ${count(event.directories, 'directory', 'directories')} and ${count(event.files, 'file')} for ${event.services.join(', ')}`;
    case 'disabled':
      return 'Watch disabled';
    case 'sync-finished':
      return `Syncing service "${event.service}" after ${changes} changes were detected: ${syncedText(event)}`;
    case 'action-started':
      return event.action === 'rebuild' ? `Rebuilding service(s) ["${event.service}"] after changes were detected...` : undefined;
    case 'action-finished':
      return finishedText(event.action, event.service);
    case 'action-failed':
      return `${{ rebuild: 'Rebuild of', restart: 'Restart of', apply: 'Changes to' }[event.action]} "${event.service}" failed: ${event.diagnostics.map((one) => one.message).join('; ')}`;
    case 'exec-started':
      return `Running "${harmless(event.command)}" in ${event.container}`;
    case 'exec-output':
      return `${event.container} | ${event.text}`;
    case 'sync-started':
    case 'exec-finished':
    case 'problem':
      return undefined;
    default:
      return unreachable(event);
  }
}

/** `2 written, 1 removed, 12.3kB in 4 ms`. */
export function syncedText(event: WatchEvent & { type: 'sync-finished' }): string {
  if (event.containers === 0) return 'no container runs';
  const parts = [
    ...(event.written > 0 ? [`${event.written} written`] : []),
    ...(event.removed > 0 ? [`${event.removed} removed`] : []),
    ...(event.bytes > 0 ? [sizeText(event.bytes)] : []),
  ];
  const where = event.containers > 1 ? ` in ${event.containers} containers` : '';
  return `${parts.length === 0 ? 'nothing differs' : parts.join(', ')}${where} in ${Math.max(1, Math.round(event.elapsedMs))} ms`;
}

function finishedText(action: 'rebuild' | 'restart' | 'apply', service: string): string {
  switch (action) {
    case 'rebuild':
      return `service(s) ["${service}"] successfully built`;
    case 'restart':
      return `service(s) ["${service}"] restarted`;
    case 'apply':
      return `Changes to "${service}" applied`;
    default:
      return unreachable(action);
  }
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

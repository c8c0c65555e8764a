import type { ContainerEvent } from '#core/engine/journal.ts';
import { harmless } from './text.ts';

/** An event as Docker Compose prints it: local time with microseconds, action, id and attributes. */
export function eventText(event: ContainerEvent): string {
  const attributes = Object.entries(attributesOf(event)).map(([key, value]) => `${harmless(key)}=${harmless(value)}`);
  return `${localTime(event.time)} container ${actionOf(event)} ${event.id} (${attributes.join(', ')})`;
}

/** The same as an object, keys in Docker Compose's order. */
export function eventJson(event: ContainerEvent): string {
  return JSON.stringify({
    action: actionOf(event),
    attributes: attributesOf(event),
    id: event.id,
    service: event.service,
    time: event.time,
    type: 'container',
  });
}

function actionOf({ action, health }: ContainerEvent): string {
  return action === 'health_status' ? `health_status: ${health ?? 'none'}` : action;
}

/** The user's labels, what identifies the container, and what the event has of its own. */
function attributesOf(event: ContainerEvent): Record<string, string> {
  const labels = Object.entries(event.labels).filter(([key]) => !/^(com\.docker\.compose|io\.tscompose)\./.test(key));
  const own: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ['error', event.error],
    ['exitCode', event.exitCode],
    ['image', event.image],
    ['name', event.name],
    ['oldName', event.oldName],
    ['oomKilled', event.oomKilled],
    ['signal', event.signal],
  ];
  const given = own.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const]));
  return Object.fromEntries([...labels, ...given].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function localTime(text: string): string {
  const time = new Date(text);
  const two = (number: number): string => String(number).padStart(2, '0');
  const fraction = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(6, '0').slice(0, 6);
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${fraction}`;
}

import { constants } from 'node:os';
import type { ContainerEvent, Decision, JournalEntry } from '#core/engine/journal.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import type { ConfigChange, Reason } from '#core/plan/reason.ts';
import { statusText } from './container-row.ts';
import { harmless } from './text.ts';

/** What is now, one line a container, with the reason of the last end. */
export function presentLines(containers: readonly ObservedContainer[], nowMs: number): readonly string[] {
  return containers.map((one) => {
    const parts = [
      statusText(one, nowMs),
      ...(one.state === 'running' || one.exitCode === undefined
        ? []
        : [endWords({ exitCode: one.exitCode, oomKilled: one.oomKilled })]),
      ...(one.error === undefined ? [] : [one.error]),
      ...(one.health === 'unhealthy' ? [`the health check says: ${(one.healthOutput ?? '').trim() || 'nothing'}`] : []),
      ...(one.restartCount === 0
        ? []
        : [`started again ${one.restartCount} ${one.restartCount === 1 ? 'time' : 'times'} by its restart policy`]),
    ];
    return harmless(`${one.name}: ${parts.join('; ')}`);
  });
}

/** The history of a service, one line an event, oldest first. What says nothing new (a stop behind its end) is left out. */
export function historyLines(entries: readonly JournalEntry[]): readonly string[] {
  const killed = new Map<string, number>();
  return entries.flatMap((entry) => {
    const words = entry.action === 'decision' ? decisionWords(entry) : eventWords(entry, killed);
    return words === undefined ? [] : [harmless(`${shortTime(entry.time)}  ${entry.name}  ${words}`)];
  });
}

const verbs: Readonly<Record<string, string>> = {
  'container.create': 'makes it',
  'container.start': 'starts it',
  'container.stop': 'stops it',
  'container.kill': 'kills it',
  'container.remove': 'removes it',
  'container.pause': 'pauses it',
  'container.unpause': 'lets it go on',
};

function decisionWords({ operation, kind, reason }: Decision): string | undefined {
  const why = reasonWords(reason);
  return why === undefined ? undefined : `"${operation}" ${verbs[kind] ?? kind}: ${why}`;
}

/** Undefined: part of something that is told already. */
function reasonWords(reason: Reason): string | undefined {
  switch (reason.kind) {
    case 'absent':
      return 'there was none';
    case 'config-changed':
      return `its definition changed (${reason.changes.map(changeWords).join('; ')})`;
    case 'image-changed':
      return 'there is a newer image';
    case 'file-content-changed':
      return `the content of ${reason.of} ${reason.name} changed`;
    case 'network-changed':
    case 'volume-changed':
      return `${reason.kind === 'network-changed' ? `network ${reason.network}` : `volume ${reason.volume}`} is made anew`;
    case 'dependency-recreated':
      return `${reason.of}, on which it depends, was made anew`;
    case 'dependency':
      return `${reason.of} depends on it`;
    case 'scale-up':
    case 'scale-down':
      return `there shall be ${reason.to}`;
    case 'orphan':
      return 'no file defines its service any more';
    case 'stopped':
      return 'it did not run';
    case 'forced':
    case 'requested':
      return 'it was asked to';
    case 'unused':
      return 'nobody uses it';
    case 'part-of-recreate':
      return undefined;
  }
}

function changeWords({ path, from, to }: ConfigChange): string {
  if (from === undefined) return `${path} is new: ${to}`;
  return to === undefined ? `${path} is gone, was ${from}` : `${path}: ${from} → ${to}`;
}

function eventWords(event: ContainerEvent, killed: Map<string, number>): string | undefined {
  switch (event.action) {
    case 'create':
    case 'stop':
    case 'destroy':
    case 'rename':
    case 'oom':
      return undefined;
    case 'start':
      return 'runs';
    case 'kill':
      killed.set(event.id, event.signal ?? 0);
      return event.signal === undefined ? 'gets a signal' : `gets ${signalName(event.signal)}`;
    case 'die': {
      const words = endWords({ ...event, exitCode: event.exitCode ?? 0, signal: killed.get(event.id) });
      killed.delete(event.id);
      const error = event.error === undefined ? '' : `: ${event.error}`;
      return `${words}${error}${event.restarting ? '; its restart policy starts it again' : ''}`;
    }
    case 'restart':
      return 'was restarted';
    case 'pause':
      return 'stands still';
    case 'unpause':
      return 'goes on';
    case 'health_status':
      return event.health === 'healthy' ? 'is healthy' : 'is unhealthy: its health check fails';
  }
}

/** How a process ended, as far as its exit code and what was done to it tell. */
function endWords(end: {
  readonly exitCode: number;
  readonly oomKilled?: boolean;
  readonly signal?: number | undefined;
}): string {
  const { exitCode } = end;
  if (end.oomKilled) return `was killed by the kernel, because its memory limit was reached (exit code ${exitCode})`;
  if (exitCode === 0) return 'ended by itself without an error';
  if (exitCode === 127) return 'could not run: there is no such program (exit code 127)';
  if (exitCode === 126) return 'could not run: the program is not executable (exit code 126)';
  if (exitCode > 128 && exitCode <= 192) {
    const asked =
      end.signal === undefined ? '' : end.signal === exitCode - 128 ? ', as it was asked to' : ', the grace period was over';
    return `ended by ${signalName(exitCode - 128)}${asked} (exit code ${exitCode})`;
  }
  return `failed with exit code ${exitCode}`;
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0] ?? `signal ${number}`;
}

/** `11-24 13:05:09`, local. */
function shortTime(text: string): string {
  const time = new Date(text);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

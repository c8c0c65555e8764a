import type { Decision } from '#core/engine/journal.ts';
import type { Event } from '#core/events/event.ts';
import type { Action, ActionOf } from '#core/plan/plan.ts';

/** Collects what a plan has done to containers, for `why`. */
export function collectDecisions(
  operation: string,
  now: () => number,
): { readonly see: (event: Event) => void; readonly all: readonly Decision[] } {
  const all: Decision[] = [];
  const begun = new Map<number, string>();
  return {
    all,
    see(event) {
      if (event.type !== 'action-started' && event.type !== 'action-finished') return;
      const { action } = event;
      if (!isTold(action)) return;
      // Told when it began, so that it stands before what it led to; only if it was done.
      if (event.type === 'action-started') begun.set(action.id, new Date(now()).toISOString());
      const time = begun.get(action.id);
      if (event.type === 'action-started' || time === undefined) return;
      const { kind, name, service, reason } = action;
      all.push({ time, action: 'decision', name, service, operation, kind, reason });
    },
  };
}

type ToldKind = `container.${'create' | 'start' | 'stop' | 'kill' | 'remove' | 'pause' | 'unpause'}`;

/** Waits, hooks and renames are no decisions about a container. */
function isTold(action: Action): action is ActionOf<ToldKind> {
  switch (action.kind) {
    case 'container.create':
    case 'container.start':
    case 'container.stop':
    case 'container.kill':
    case 'container.remove':
    case 'container.pause':
    case 'container.unpause':
      return true;
    default:
      return false;
  }
}

import type { Change } from '#core/watch/change.ts';
import { changeQueue } from '#core/watch/change-queue.ts';
import { copies, type WatchRule } from '#core/watch/rule.ts';
import { workFor } from '#core/watch/work.ts';
import { carryOut, type ManualAction, runAction } from './carry-out.ts';
import { syncTargets } from './sync-targets.ts';
import type { WatchServices } from './watch-services.ts';

/** Milliseconds between two attempts to copy what could not be copied. */
const retryMs = 5_000;

/** Serves the changes of one service, one batch after the other. */
export interface ServiceWatcher {
  readonly service: string;
  add(change: Change): void;
  /** A container of the service may have come or gone. */
  containersChanged(): void;
  /** Asked for by hand; waits for its turn. */
  ask(action: ManualAction): void;
  /** Runs until the signal aborts; rejects only with what nobody can go on after. */
  readonly running: Promise<void>;
}

export function serviceWatcher(services: WatchServices, service: string, rules: readonly WatchRule[]): ServiceWatcher {
  const queue = changeQueue();
  const asked: ManualAction[] = [];
  let isStale = true;
  let retryAtMs = Number.POSITIVE_INFINITY;
  let wake = (): void => {};
  const { signal, now } = services;
  const targets = syncTargets(services, { service, rules: rules.filter(copies), onEnd: () => wake() });

  const serve = async (): Promise<void> => {
    try {
      while (!signal.aborted) {
        if (isStale) {
          isStale = false;
          await targets.refresh();
        } else if (asked.length > 0) await runAction(services, { service, targets, action: asked.shift() ?? 'restart' });
        else if ((queue.dueMs() ?? Number.POSITIVE_INFINITY) <= now())
          await carryOut(services, { service, targets, work: workFor(queue.take()) });
        else if (targets.hasFailures() && retryAtMs <= now()) {
          await targets.retry();
          retryAtMs = now() + retryMs;
        } else await rest();
      }
    } finally {
      await targets.close();
    }
  };
  /** Until something is due, something happens, or the signal aborts. */
  const rest = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    signal.addEventListener('abort', wake, { once: true });
    if (targets.hasFailures()) retryAtMs = Math.min(retryAtMs, now() + retryMs);
    const due = Math.min(queue.dueMs() ?? Number.POSITIVE_INFINITY, targets.hasFailures() ? retryAtMs : Number.POSITIVE_INFINITY);
    const timer = due === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, Math.max(0, due - now()));
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
  };
  return {
    service,
    add(change) {
      queue.add(change, now());
      wake();
    },
    containersChanged() {
      isStale = true;
      wake();
    },
    ask(action) {
      asked.push(action);
      wake();
    },
    running: serve(),
  };
}

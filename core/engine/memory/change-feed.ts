import type { ContainerChange } from '../engine.ts';

/** Wakes whoever waits for a change. */
export interface ChangeFeed {
  publish(change: ContainerChange): void;
  /** How many readers wait for the next change. */
  waiting(): number;
  /** Something changed that is not a container's state. */
  wake(): void;
  /** Once now, then after every change; rejects with the signal's reason. */
  ticks(signal: AbortSignal | undefined): AsyncIterable<void>;
  /** The project's changes from the call on; ends when the signal aborts. */
  changes(project: string, signal: AbortSignal): AsyncIterable<ContainerChange>;
}

export function changeFeed(): ChangeFeed {
  const waiting = new Set<() => void>();
  const queues = new Set<ContainerChange[]>();
  const feed: ChangeFeed = {
    publish(change) {
      for (const queue of queues) queue.push(change);
      feed.wake();
    },
    waiting: () => waiting.size,
    wake() {
      const woken = [...waiting];
      waiting.clear();
      for (const resolve of woken) resolve();
    },
    async *ticks(signal) {
      for (;;) {
        signal?.throwIfAborted();
        const next = nextChange(signal);
        yield;
        await next;
      }
    },
    changes(project, signal) {
      const queue: ContainerChange[] = [];
      queues.add(queue);
      signal.addEventListener('abort', () => queues.delete(queue), { once: true });
      return read();

      async function* read(): AsyncGenerator<ContainerChange> {
        while (!signal.aborted) {
          const change = queue.shift();
          if (change === undefined) await nextChange(signal);
          else if (change.container.project === project) yield change;
        }
      }
    },
  };
  return feed;

  function nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      waiting.add(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

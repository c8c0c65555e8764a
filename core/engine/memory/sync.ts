import type { SyncRequest, SyncSession } from '../sync.ts';
import type { ChangeFeed } from './change-feed.ts';

/** A session that copies nothing and says that it wrote; requests are told to `onSync`. */
export function memorySync(container: {
  readonly isRunning: () => boolean;
  readonly changes: ChangeFeed;
  readonly onSync: (request: SyncRequest) => void;
  readonly notRunning: () => Error;
}): SyncSession {
  const closing = new AbortController();
  const watchEnd = async (): Promise<void> => {
    for await (const _ of container.changes.ticks(closing.signal)) if (!container.isRunning()) return;
  };
  return {
    async sync(requests) {
      if (!container.isRunning()) throw container.notRunning();
      for (const one of requests) container.onSync(one);
      return requests.map(() => ({ done: 'written', bytes: 1 }));
    },
    // The only rejection is the disposal.
    ended: watchEnd().catch(() => {}),
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

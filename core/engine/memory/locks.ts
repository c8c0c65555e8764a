import type { Engine } from '../engine.ts';

/** Project locks among the users of one engine object. */
export function projectLocks(): { readonly lock: Engine['lockProject'] } {
  const tails = new Map<string, Promise<void>>();
  return {
    async lock(project, onWait, signal) {
      signal?.throwIfAborted();
      const before = tails.get(project);
      const mine = Promise.withResolvers<void>();
      const tail = Promise.all([before, mine.promise]).then(() => undefined);
      tails.set(project, tail);
      if (before !== undefined) {
        // As if another process held it: a command keeps silent about waiting for itself.
        onWait({ pid: 1, command: 'memory' });
        try {
          await Promise.race([before, aborted(signal)]);
        } catch (error) {
          mine.resolve();
          throw error;
        }
      }
      return {
        async [Symbol.asyncDispose]() {
          mine.resolve();
          if (tails.get(project) === tail) tails.delete(project);
        },
      };
    },
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

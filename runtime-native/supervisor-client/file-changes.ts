import { type FSWatcher, watch } from 'node:fs';

export interface ChangeWatch extends Disposable {
  /** Resolves at the next change after the last call (at once when there was one), or after `timeoutMs`. */
  next(timeoutMs: number): Promise<void>;
}

/**
 * Watches directories (not below them) for any change; those that do not exist are left out. Aborting wakes the waiter and ends
 * the watch: a reader that has called it off need not come back to dispose of it.
 */
export function watchDirectories(directories: readonly string[], signal?: AbortSignal): ChangeWatch {
  let hasChanged = false;
  let wake: (() => void) | undefined;
  const onChange = () => {
    hasChanged = true;
    wake?.();
  };
  const watchers = directories.flatMap((directory): FSWatcher[] => {
    try {
      const watcher = watch(directory, onChange);
      watcher.on('error', onChange);
      return [watcher];
    } catch {
      // Not there (yet, or any more): the time-out covers it.
      return [];
    }
  });
  const close = () => {
    for (const watcher of watchers) watcher.close();
  };
  const onAbort = () => {
    onChange();
    close();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    async next(timeoutMs) {
      if (!hasChanged) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, timeoutMs);
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      hasChanged = false;
    },
    [Symbol.dispose]() {
      signal?.removeEventListener('abort', onAbort);
      close();
    },
  };
}

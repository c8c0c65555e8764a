import type { Host } from './host.ts';

/** Exit status when the terminal has gone away: what a shell makes of SIGHUP. */
export const hungUp = 129;

/** Ctrl-C and SIGTERM of one run. */
export interface Interrupts {
  /** Aborts at the first signal, unless a handler has taken over. */
  readonly signal: AbortSignal;
  /** Signals so far, handled or not. */
  count(): number;
  /** Gives the signals to `handler` (with their number from 1) until the returned function is called. */
  take(handler: (count: number, name: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** As if Ctrl-C had come: a terminal whose keys are read one by one sends no signal. */
  raise(): void;
  /** Ends listening. */
  close(): void;
}

/** The first signal asks for an orderly end, the second ends the process at once with 130. */
export function watchInterrupts(host: Host): Interrupts {
  const controller = new AbortController();
  const handlers: ((count: number, name: 'SIGINT' | 'SIGTERM') => void)[] = [];
  let count = 0;
  const onSignal = (name: 'SIGINT' | 'SIGTERM'): void => {
    count++;
    const handler = handlers.at(-1);
    if (handler !== undefined) handler(count, name);
    else if (count === 1) controller.abort(new InterruptedError());
    else host.abandon(130);
  };
  const stop = host.onSignal(onSignal);
  return {
    signal: controller.signal,
    count: () => count,
    take(handler) {
      handlers.push(handler);
      return () => {
        const at = handlers.indexOf(handler);
        if (at !== -1) handlers.splice(at, 1);
      };
    },
    raise: () => onSignal('SIGINT'),
    close: stop,
  };
}

/** Reason of an abort by the user; nothing is printed for it. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
    this.name = 'InterruptedError';
  }
}

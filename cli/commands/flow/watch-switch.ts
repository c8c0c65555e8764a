/** A watch beside the output of containers that can be turned on and off. */
export interface WatchSwitch {
  isOn(): boolean;
  toggle(): void;
  /** Resolves when nothing is watched. */
  whenOff(): Promise<void>;
  /** Turns it off and waits until it is. */
  close(): Promise<void>;
}

/** `run` watches until its signal aborts. What it rejects with goes to `onFailure`, and the watch is off again. */
export function watchSwitch(request: {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}): WatchSwitch {
  let current: { readonly closing: AbortController; readonly ended: Promise<void> } | undefined;
  const turnOn = (): void => {
    const closing = new AbortController();
    const ended = request
      .run(closing.signal)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) request.onFailure(error);
      })
      .finally(() => {
        current = undefined;
      });
    current = { closing, ended };
  };
  return {
    isOn: () => current !== undefined,
    toggle() {
      if (current === undefined) turnOn();
      else current.closing.abort();
    },
    whenOff: async () => current?.ended,
    async close() {
      current?.closing.abort();
      await current?.ended;
    },
  };
}

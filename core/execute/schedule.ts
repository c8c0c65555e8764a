import type { Action, ActionKind } from '../plan/plan.ts';

export type Fate = 'done' | 'skipped' | 'failed' | 'cancelled';

export interface ScheduleOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly run: (action: Action, signal: AbortSignal) => Promise<void>;
  /** Whether this failure lets what comes after go on. */
  readonly tolerate: (action: Action, error: unknown) => boolean;
  readonly onDone: (action: Action) => void;
  readonly onFailed: (action: Action, error: unknown) => void;
  readonly onCancelled: (action: Action) => void;
}

/**
 * `work` keeps the machine busy and counts against the limit; `wait` mostly waits for a process or a clock; `watch` changes
 * nothing, and is given up as soon as something fails.
 */
const load = {
  'image.pull': 'work',
  'image.build': 'work',
  'image.push': 'work',
  'image.remove': 'work',
  'provider.run': 'wait',
  'network.create': 'work',
  'network.remove': 'work',
  'volume.create': 'work',
  'volume.remove': 'work',
  'container.create': 'work',
  'container.start': 'work',
  'container.stop': 'wait',
  'container.kill': 'wait',
  'container.remove': 'work',
  'container.rename': 'work',
  'container.pause': 'work',
  'container.unpause': 'work',
  'container.await': 'watch',
  'container.hook': 'wait',
} as const satisfies Record<ActionKind, 'work' | 'wait' | 'watch'>;

/** Runs the actions of a plan as early as their predecessors allow; resolves with everyone's fate when nothing runs any more. */
export function schedule(actions: readonly Action[], options: ScheduleOptions): Promise<ReadonlyMap<number, Fate>> {
  const { signal } = options;
  const fates = new Map<number, Fate>();
  const followers = new Map<number, Action[]>();
  const missing = new Map<number, number>();
  const ready: Action[] = [];
  /** Ready work beyond the limit, in order; `queueHead` is the next one. */
  const queue: Action[] = [];
  let queueHead = 0;
  const watching = new AbortController();
  const watchSignal = AbortSignal.any([signal, watching.signal]);
  let working = 0;
  let running = 0;
  let hasFailed = false;

  for (const action of actions) {
    missing.set(action.id, action.after.length);
    for (const id of action.after) {
      const list = followers.get(id);
      if (list === undefined) followers.set(id, [action]);
      else list.push(action);
    }
    if (action.after.length === 0) ready.push(action);
  }

  return new Promise((resolve) => {
    startReady();

    function startReady(): void {
      for (const action of ready.splice(0)) {
        if (load[action.kind] === 'work') queue.push(action);
        else if (!isStopped()) void start(action);
      }
      while (queueHead < queue.length && working < options.concurrency && !isStopped()) {
        const next = queue[queueHead++];
        if (next !== undefined) void start(next);
      }
      if (running === 0) finish();
    }

    function isStopped(): boolean {
      return hasFailed || signal.aborted;
    }

    async function start(action: Action): Promise<void> {
      const kind = load[action.kind];
      running++;
      if (kind === 'work') working++;
      try {
        // The wrapper turns a synchronous throw into a rejection: `start` must never settle before `startReady` has looped.
        await (async () => options.run(action, kind === 'watch' ? watchSignal : signal))();
        settle(action, 'done');
      } catch (error) {
        if (signal.aborted || (kind === 'watch' && watching.signal.aborted)) settle(action, 'cancelled');
        else if (options.tolerate(action, error)) settle(action, 'skipped');
        else {
          hasFailed = true;
          settle(action, 'failed', error);
          watching.abort();
        }
      }
      running--;
      if (kind === 'work') working--;
      startReady();
    }

    function settle(action: Action, fate: Fate, error?: unknown): void {
      fates.set(action.id, fate);
      if (fate === 'failed') options.onFailed(action, error);
      if (fate === 'cancelled') options.onCancelled(action);
      if (fate === 'done') options.onDone(action);
      if (fate !== 'done' && fate !== 'skipped') return;
      for (const follower of followers.get(action.id) ?? []) {
        const left = (missing.get(follower.id) ?? 0) - 1;
        missing.set(follower.id, left);
        if (left === 0) ready.push(follower);
      }
    }

    function finish(): void {
      for (const action of actions) {
        if (fates.has(action.id)) continue;
        fates.set(action.id, 'cancelled');
        options.onCancelled(action);
      }
      resolve(fates);
    }
  });
}

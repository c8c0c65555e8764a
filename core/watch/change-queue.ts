import type { Change } from './change.ts';

/** Milliseconds without a further event after which a batch is taken. */
export const quietMs = {
  /** A few complete files: at once, but an editor's second file comes along. */
  few: 10,
  /** Something has gone: perhaps only until its successor is renamed into its place. */
  gone: 50,
  /** Many files, where they are only copied. */
  burst: 100,
  /** A file is being written, or many files where a restart, a rebuild or a command follows: Docker Compose's period. */
  settling: 500,
} as const;

/** More paths than this are a burst. */
const fewPaths = 8;

/** A tree that never rests is served all the same, after this. */
const longestWaitMs = { copied: 2_000, costly: 10_000 } as const;

/** Collects the changes of one service until it is quiet. Time comes from the caller, in milliseconds of any clock. */
export interface ChangeQueue {
  add(change: Change, nowMs: number): void;
  /** When the batch is complete; undefined without changes. */
  dueMs(): number | undefined;
  /** Takes the batch: one change a path and rule, the last one. */
  take(): readonly Change[];
}

export function changeQueue(): ChangeQueue {
  const changes = new Map<string, Change>();
  let counts = { open: 0, gone: 0, costly: 0 };
  let firstMs = 0;
  let lastMs = 0;

  const count = ({ kind, rule }: Change, by: 1 | -1): void => {
    if (kind === 'open') counts.open += by;
    if (kind === 'gone') counts.gone += by;
    if (rule.action !== 'sync') counts.costly += by;
  };
  const quiet = (): number => {
    if (counts.open > 0) return quietMs.settling;
    if (changes.size > fewPaths) return counts.costly > 0 ? quietMs.settling : quietMs.burst;
    return counts.gone > 0 ? quietMs.gone : quietMs.few;
  };
  return {
    add(change, nowMs) {
      if (changes.size === 0) firstMs = nowMs;
      lastMs = nowMs;
      const key = `${change.rule.index}:${change.path}`;
      const before = changes.get(key);
      if (before !== undefined) count(before, -1);
      // What was there at the start and is written to now is a change like any other.
      changes.set(key, change);
      count(change, 1);
    },
    dueMs: () =>
      changes.size === 0
        ? undefined
        : Math.min(lastMs + quiet(), firstMs + (counts.costly > 0 ? longestWaitMs.costly : longestWaitMs.copied)),
    take() {
      const batch = [...changes.values()];
      changes.clear();
      counts = { open: 0, gone: 0, costly: 0 };
      return batch;
    },
  };
}

import type { Change } from './change.ts';
import { copies, type WatchRule } from './rule.ts';

/** Makes a path of the container what a path of the host is now: there, or not. */
export interface SyncOperation {
  readonly rule: WatchRule;
  /** Absolute host path. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** The rule's own path: a directory that is there already is left as it is. */
  readonly isRoot: boolean;
  /** What was told last: it is not there any more. The copying looks itself. */
  readonly isGone: boolean;
}

/** What one batch of changes asks of one service; carried out in this order. */
export interface Work {
  /** Paths that changed. */
  readonly changes: number;
  /** Nothing but what was there at the start. */
  readonly isInitial: boolean;
  readonly rebuild: boolean;
  /** What is gone first, then by path, directories before what is in them. */
  readonly operations: readonly SyncOperation[];
  /** `restart` rules that saw a change. */
  readonly restart: boolean;
  /** `sync+restart` rules: a restart follows when their operations changed something. */
  readonly restartsAfterSync: ReadonlySet<WatchRule>;
  /** `sync+exec` rules, likewise. */
  readonly execsAfterSync: readonly WatchRule[];
}

/** Decides what a batch of changes of one service leads to. Pure. */
export function workFor(changes: readonly Change[]): Work {
  // A batch of what was there at the start only copies.
  const events = changes.filter((one) => one.kind !== 'found');
  const rulesOf = (action: WatchRule['action']): WatchRule[] => [
    ...new Set(events.filter((one) => one.rule.action === action).map((one) => one.rule)),
  ];
  return {
    changes: new Set(changes.map((one) => `${one.rule.path}/${one.path}`)).size,
    isInitial: events.length === 0,
    rebuild: rulesOf('rebuild').length > 0,
    operations: operationsFor(changes.filter((one) => copies(one.rule))),
    restart: rulesOf('restart').length > 0,
    restartsAfterSync: new Set(rulesOf('sync+restart')),
    execsAfterSync: rulesOf('sync+exec').sort((a, b) => a.index - b.index),
  };
}

function operationsFor(changes: readonly Change[]): readonly SyncOperation[] {
  const rank = (one: Change): number => (one.kind === 'gone' ? 0 : 1);
  return [...changes]
    .sort((a, b) => rank(a) - rank(b) || a.rule.index - b.rule.index || (a.path < b.path ? -1 : 1))
    .map(({ rule, path, kind }) => ({
      rule,
      source: path === '' ? rule.path : `${rule.path === '/' ? '' : rule.path}/${path}`,
      target: path === '' ? rule.target : `${rule.target.replace(/\/+$/, '')}/${path}`,
      isRoot: path === '',
      isGone: kind === 'gone',
    }));
}

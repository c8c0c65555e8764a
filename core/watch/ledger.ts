import { copies, type WatchRule } from './rule.ts';
import type { SyncOperation } from './work.ts';

/**
 * What a service's containers were given, or should have been. A container that is new (made again, one more replica) or
 * started again is given all of it: the comparison with what it holds, file by file and byte by byte, finds what is missing
 * (docs/adr/0011-the-container-is-the-ledger.md).
 */
export interface Ledger {
  note(operations: readonly SyncOperation[]): void;
  /** By target, directories before what is in them. */
  all(): readonly SyncOperation[];
  /** What has gone from the host is not in an image that has just been built: it is owed no more. */
  forgetGone(): void;
}

export function ledger(): Ledger {
  const known = new Map<string, SyncOperation>();
  const keyOf = ({ rule, target }: SyncOperation): string => `${target}\0${rule.index}`;
  return {
    note(operations) {
      for (const one of operations) known.set(keyOf(one), one);
    },
    all: () => [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation),
    forgetGone() {
      for (const [key, one] of known) if (one.isGone) known.delete(key);
    },
  };
}

/** What an earlier set of rules owes, in the words of the rules that follow them; what no rule copies any more is left out. */
export function carryOver(operations: readonly SyncOperation[], rules: readonly WatchRule[]): readonly SyncOperation[] {
  return operations.flatMap((operation) => {
    const { service, path, target } = operation.rule;
    const rule = rules.find((one) => copies(one) && one.service === service && one.path === path && one.target === target);
    return rule === undefined ? [] : [{ ...operation, rule }];
  });
}

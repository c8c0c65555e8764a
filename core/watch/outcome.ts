import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SyncResult } from '../engine/sync.ts';
import { diagnose } from './catalogue.ts';
import type { WatchRule } from './rule.ts';
import type { SyncOperation } from './work.ts';

/** What copying came to in one container. */
export interface Outcome {
  readonly written: number;
  readonly removed: number;
  readonly bytes: number;
  /** Rules of which something differed. */
  readonly changedRules: ReadonlySet<WatchRule>;
  readonly failed: readonly { readonly operation: SyncOperation; readonly reason: string; readonly message: string }[];
  readonly unsupported: readonly SyncOperation[];
}

/** Adds up results, one for each operation. */
export function outcomeOf(operations: readonly SyncOperation[], results: readonly SyncResult[]): Outcome {
  const changedRules = new Set<WatchRule>();
  const failed: Outcome['failed'][number][] = [];
  const unsupported: SyncOperation[] = [];
  let written = 0;
  let removed = 0;
  let bytes = 0;
  for (const [index, operation] of operations.entries()) {
    const result = results[index];
    if (result === undefined || result.done === 'same') continue;
    if (result.done === 'failed') {
      failed.push({ operation, reason: result.reason, message: result.message });
      continue;
    }
    if (result.done === 'unsupported') {
      unsupported.push(operation);
      continue;
    }
    changedRules.add(operation.rule);
    if (result.done === 'removed') removed++;
    else written++;
    if (result.done === 'written') bytes += result.bytes;
  }
  return { written, removed, bytes, changedRules, failed, unsupported };
}

/** At most this many failures of one kind are told one by one. */
const toldAlone = 3;

/** Failures in words, those of one reason that are many as one. */
export function failureDiagnostics(container: string, failed: Outcome['failed']): readonly Diagnostic[] {
  return [...Map.groupBy(failed, (one) => one.reason)].flatMap(([kind, list]) =>
    list.slice(0, toldAlone).map(({ operation, message }, index) => {
      const more = index === toldAlone - 1 && list.length > toldAlone ? ` (and ${list.length - toldAlone} more paths)` : '';
      return diagnose('watch.not-copied', { path: operation.source, container, reason: message + more, kind });
    }),
  );
}

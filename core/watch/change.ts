import type { FileEvent } from './file-event.ts';
import { patternMatcher } from './pattern.ts';
import type { WatchRoot } from './root.ts';
import type { WatchRule } from './rule.ts';

/** A path of a rule that is to be looked at. */
export interface Change {
  readonly rule: WatchRule;
  /** Relative to the rule's path; empty for that itself. */
  readonly path: string;
  readonly kind: FileEvent['kind'];
}

/** Tells which rules an event is for: those of its root whose `include` names it; at the start those with `initial_sync`. */
export function changesOf(roots: readonly WatchRoot[]): (event: FileEvent) => readonly Change[] {
  const includes = new Map(
    roots.flatMap(({ rules }) =>
      rules.filter((rule) => rule.include.length > 0).map((rule) => [rule, patternMatcher(rule.include)] as const),
    ),
  );
  return ({ root, kind, path }) =>
    (roots[root]?.rules ?? [])
      .filter((rule) => kind !== 'found' || (rule.initialSync && (rule.action === 'sync' || rule.action === 'sync+restart')))
      .filter((rule) => path === '' || (includes.get(rule)?.(path) ?? true))
      .map((rule) => ({ rule, path, kind }));
}

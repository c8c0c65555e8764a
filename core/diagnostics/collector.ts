import type { Diagnostic } from './diagnostic.ts';
import { TscomposeError } from './error.ts';

/** Gathers the diagnostics of a phase; errors are thrown together at a pass's end, warnings are kept (once each). */
export interface Collector {
  report(diagnostic: Diagnostic): void;
  readonly warnings: readonly Diagnostic[];
  readonly hasErrors: boolean;
  /** There are more errors than will be shown: advice on further ones is wasted work. */
  readonly isCrowded: boolean;
  /** Throws the errors so far, sorted by place, at most `limit` of them and then a count. */
  throwIfErrors(): void;
}

const limit = 20;

export function collector(): Collector {
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const seen = new Set<string>();
  return {
    warnings,
    get hasErrors() {
      return errors.length > 0;
    },
    get isCrowded() {
      return errors.length > limit * 5;
    },
    report(diagnostic) {
      const at = diagnostic.severity === 'error' ? `${diagnostic.at?.file.name}:${diagnostic.at?.start}` : '';
      const identity = `${diagnostic.code}\n${diagnostic.message}\n${at}`;
      if (seen.has(identity)) return;
      seen.add(identity);
      (diagnostic.severity === 'error' ? errors : warnings).push(diagnostic);
    },
    throwIfErrors() {
      if (errors.length === 0) return;
      const sorted = [...errors].sort(byPlace);
      const shown = sorted.slice(0, limit);
      if (sorted.length > limit) {
        const message = `${sorted.length - limit} more errors of this kind are not shown`;
        shown.push({ code: 'load.more-errors', severity: 'error', message });
      }
      throw new TscomposeError(shown);
    },
  };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const [aFile = '', bFile = ''] = [a.at?.file.name, b.at?.file.name];
  if (aFile !== bFile) return aFile < bFile ? -1 : 1;
  return (a.at?.start ?? 0) - (b.at?.start ?? 0);
}

import { TscomposeError } from '../../diagnostics/error.ts';
import type { Span } from '../../source/span.ts';
import { diagnose } from '../catalogue.ts';
import { ExpansionError, expandWord, type Lookup } from './expand.ts';
import type { Escape } from './instruction.ts';

/** `expandWord` whose failure is a diagnostic at `at`. */
export function expandOrFail(
  word: string,
  options: { readonly lookup: Lookup; readonly escapeMark: Escape; readonly at: Span },
): string {
  return orFail(options.at, () => expandWord(word, options.lookup, options.escapeMark));
}

/** Runs an expansion; an `ExpansionError` becomes `build.dockerfile-invalid` at `at`. */
export function orFail<T>(at: Span, expansion: () => T): T {
  try {
    return expansion();
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: error.message }, at));
  }
}

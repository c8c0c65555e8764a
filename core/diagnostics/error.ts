import type { Diagnostic } from './diagnostic.ts';

/** The only error class for what a user can cause; programmer errors stay plain `Error`. */
export class TscomposeError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[], options?: { cause?: unknown }) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(list.map((one) => one.message).join('\n'), options);
    this.name = 'TscomposeError';
    this.diagnostics = list;
  }

  /** Exit status for the whole: the first explicit one, else 1. */
  get exit(): number {
    return this.diagnostics.find((one) => one.exit !== undefined)?.exit ?? 1;
  }
}

/** Whether an unknown error carries a diagnostic with this code. */
export function hasCode(error: unknown, code: string): error is TscomposeError {
  return error instanceof TscomposeError && error.diagnostics.some((one) => one.code === code);
}

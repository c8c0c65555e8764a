import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** Why a definition that is elsewhere cannot be used; the loader adds which one, and where it is named. */
export function refused(reason: string, options: { readonly advice?: string | undefined; readonly cause?: unknown } = {}) {
  return new TscomposeError(diagnose('engine.definition-refused', { reason, advice: options.advice }), options);
}

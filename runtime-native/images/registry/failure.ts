import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { RegistryError } from './registry-error.ts';

/** The diagnostic for a pull when the registry or what it sent is at fault; other errors come back unchanged. */
export function pullFailure(reference: string, error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new TscomposeError(diagnose('engine.pull-failed', { reference, ...reason }), { cause: error });
}

/** As `pullFailure`. */
export function pushFailure(reference: string, error: unknown): unknown {
  if (!(error instanceof RegistryError)) return error;
  const { message: reason, advice } = error;
  return new TscomposeError(diagnose('engine.push-failed', { reference, reason, advice }), { cause: error });
}

function reasonOf(error: unknown): { readonly reason: string; readonly advice?: string | undefined } | undefined {
  if (error instanceof RegistryError) return { reason: error.message, advice: error.advice };
  if (!(error instanceof TscomposeError)) return undefined;
  return error.diagnostics.some((one) => one.code === 'engine.image-invalid') ? { reason: error.message } : undefined;
}

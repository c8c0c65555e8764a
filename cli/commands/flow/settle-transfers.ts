import { TscomposeError } from '#core/diagnostics/error.ts';
import type { CommandContext } from '../../context.ts';

/**
 * Awaits every pull or push of a command. All failures are reported together: as errors, or as warnings when the user
 * wants to go on. Rejects at once with what no user can cause.
 */
export async function settleTransfers(
  context: CommandContext,
  transfers: readonly Promise<unknown>[],
  options: { readonly ignoreFailures: boolean },
): Promise<void> {
  const results = await Promise.allSettled(transfers);
  const failures = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const other = failures.find((one) => !(one instanceof TscomposeError));
  if (other !== undefined) throw other;
  const diagnostics = failures.flatMap((one) => (one instanceof TscomposeError ? one.diagnostics : []));
  if (diagnostics.length === 0) return;
  if (!options.ignoreFailures) throw new TscomposeError(diagnostics);
  for (const one of diagnostics) context.output.diagnostic({ ...one, severity: 'warning' });
}

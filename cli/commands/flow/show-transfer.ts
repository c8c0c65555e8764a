import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ActionOf } from '#core/plan/plan.ts';
import type { View } from '../../views/view.ts';

/** What pull and push tell while they run. */
export type OnBytes = (progress: { readonly layer?: string; readonly doneBytes: number; readonly totalBytes: number }) => void;

/** Runs a pull or push and shows it as the same action of a plan would be. Rejects as `transfer` does. */
export async function showTransfer<T>(request: {
  readonly action: ActionOf<'image.pull'> | ActionOf<'image.push'>;
  readonly view: View | undefined;
  readonly transfer: (onBytes: OnBytes) => Promise<T>;
}): Promise<T> {
  const { action, view, transfer } = request;
  const started = performance.now();
  view?.emit({ type: 'action-started', action });
  try {
    const result = await transfer(({ layer, doneBytes, totalBytes }) => {
      if (layer === undefined) return;
      view?.emit({ type: 'action-progress', action, part: layer, done: doneBytes, total: totalBytes, unit: 'bytes' });
    });
    view?.emit({ type: 'action-finished', action, elapsedMs: performance.now() - started });
    return result;
  } catch (error) {
    if (error instanceof TscomposeError) view?.emit({ type: 'action-failed', action, diagnostics: error.diagnostics });
    throw error;
  }
}

/** Shows an image that is left alone on purpose. */
export function showSkipped(request: {
  readonly view: View | undefined;
  readonly reference: string;
  readonly diagnostic: Diagnostic;
}): void {
  const { view, reference, diagnostic } = request;
  view?.emit({ type: 'action-skipped', action: { ...requested, kind: 'image.pull', reference }, diagnostic });
}

/** Base of an action that no plan made. */
export const requested = { id: 1, after: [], reason: { kind: 'requested' } } as const;

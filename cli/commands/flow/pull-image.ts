import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { ActionOf } from '#core/plan/plan.ts';
import type { View } from '../../views/view.ts';

/** Pulls one image and shows it as the same action of a plan would be. Rejects with `engine.pull-failed`. */
export async function pullWithView(request: {
  readonly engine: Engine;
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly view: View | undefined;
  readonly signal: AbortSignal;
}): Promise<ImageSummary> {
  const { engine, reference, platform, view, signal } = request;
  const options = platform === undefined ? {} : { platform };
  const action: ActionOf<'image.pull'> = {
    kind: 'image.pull',
    id: 1,
    after: [],
    reason: { kind: 'requested' },
    reference,
    ...options,
  };
  const started = performance.now();
  view?.emit({ type: 'action-started', action });
  try {
    const image = await engine.pullImage(
      reference,
      options,
      ({ layer, doneBytes, totalBytes }) => {
        if (layer === undefined) return;
        view?.emit({ type: 'action-progress', action, part: layer, done: doneBytes, total: totalBytes, unit: 'bytes' });
      },
      signal,
    );
    view?.emit({ type: 'action-finished', action, elapsedMs: performance.now() - started });
    return image;
  } catch (error) {
    if (error instanceof TscomposeError) view?.emit({ type: 'action-failed', action, diagnostics: error.diagnostics });
    throw error;
  }
}

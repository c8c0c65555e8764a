import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { PushedImage } from '#core/engine/specs.ts';
import type { View } from '../../views/view.ts';
import { requested, showTransfer } from './show-transfer.ts';

/** Pushes one image and shows it as an action of a plan would be; undefined for a dry run. Rejects with `engine.push-failed`. */
export async function pushWithView(request: {
  readonly engine: Engine;
  readonly reference: string;
  readonly view: View | undefined;
  /** Only looks whether the image is here. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
}): Promise<PushedImage | undefined> {
  const { engine, reference, view, dryRun, signal } = request;
  return showTransfer({
    action: { ...requested, kind: 'image.push', reference },
    view,
    transfer: async (onBytes) => {
      if (!dryRun) return engine.pushImage(reference, onBytes, signal);
      if ((await engine.inspectImage(reference)) !== undefined) return undefined;
      throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
    },
  });
}

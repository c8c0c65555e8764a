import type { Engine } from '#core/engine/engine.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { View } from '../../views/view.ts';
import { requested, showTransfer } from './show-transfer.ts';

/** Pulls one image and shows it as the same action of a plan would be; undefined for a dry run. Rejects with `engine.pull-failed`. */
export async function pullWithView(request: {
  readonly engine: Engine;
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly view: View | undefined;
  /** Only asks the registry whether it is there. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
}): Promise<ImageSummary | undefined> {
  const { engine, reference, platform, view, dryRun, signal } = request;
  const options = platform === undefined ? {} : { platform };
  return showTransfer({
    action: { ...requested, kind: 'image.pull', reference, ...options },
    view,
    transfer: async (onBytes) => {
      if (!dryRun) return engine.pullImage(reference, options, onBytes, signal);
      await engine.pinReference(reference, signal);
      return undefined;
    },
  });
}

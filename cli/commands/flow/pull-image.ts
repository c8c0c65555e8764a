import type { Engine } from '#core/engine/engine.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { View } from '../../views/view.ts';
import { requested, showTransfer } from './show-transfer.ts';

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
  return showTransfer({
    action: { ...requested, kind: 'image.pull', reference, ...options },
    view,
    transfer: (onBytes) => engine.pullImage(reference, options, onBytes, signal),
  });
}

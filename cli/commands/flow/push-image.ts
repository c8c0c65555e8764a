import type { Engine } from '#core/engine/engine.ts';
import type { PushedImage } from '#core/engine/specs.ts';
import type { View } from '../../views/view.ts';
import { requested, showTransfer } from './show-transfer.ts';

/** Pushes one image and shows it as an action of a plan would be. Rejects with `engine.push-failed`. */
export async function pushWithView(request: {
  readonly engine: Engine;
  readonly reference: string;
  readonly view: View | undefined;
  readonly signal: AbortSignal;
}): Promise<PushedImage> {
  const { engine, reference, view, signal } = request;
  return showTransfer({
    action: { ...requested, kind: 'image.push', reference },
    view,
    transfer: (onBytes) => engine.pushImage(reference, onBytes, signal),
  });
}

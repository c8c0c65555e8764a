import type { View } from '../view.ts';

/** Shows nothing. */
export function quietView(): View {
  return { emit: () => {}, notice: () => {}, interleave: (write) => write(), close: () => {} };
}

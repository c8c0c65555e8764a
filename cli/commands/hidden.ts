import type { Command } from '../args/command.ts';

/** Commands that the help does not show. Apart from `index.ts`, which some of them read. */
export const hiddenCommands: Readonly<Record<string, () => Promise<Command>>> = {
  'alpha viz': async () => (await import('./viz.command.ts')).alphaViz,
  // Docker Compose's former name for it.
  convert: async () => (await import('./config.command.ts')).config,
  __complete: async () => (await import('./complete.command.ts')).complete,
};

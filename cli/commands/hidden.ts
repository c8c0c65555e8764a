import type { Command } from '../args/command.ts';

/** Commands that the help does not show. Apart from `index.ts`, which some of them read. */
export const hiddenCommands: Readonly<Record<string, () => Promise<Command>>> = {
  'alpha viz': async () => (await import('./viz.command.ts')).alphaViz,
  __complete: async () => (await import('./complete.command.ts')).complete,
};

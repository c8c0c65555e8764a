import { command } from '../args/command.ts';
import { completions } from '../args/complete.ts';
import { globalFlags } from '../args/globals.ts';
import type { CommandContext } from '../context.ts';
import { loadRequest } from './flow/load-request.ts';
import { commandLoaders } from './index.ts';

/** What the shell functions of `completion` call: one candidate a line. */
export const complete = command({
  name: '__complete',
  summary: 'Print what the last word may become',
  flags: {},
  operands: [{ name: 'WORD', optional: true, many: true }],
  flagsFirst: true,
  async run({ operands, context }) {
    const found = await completions({
      words: operands,
      globals: globalFlags,
      names: Object.keys(commandLoaders),
      load: async (name) => commandLoaders[name]?.(),
      services: () => serviceNames(context),
    });
    context.output.result(found.map((one) => `${one}\n`).join(''));
    return 0;
  },
});

async function serviceNames(context: CommandContext): Promise<readonly string[]> {
  const { loadProject } = await import('#core/load/load-project.ts');
  try {
    const { project } = await loadProject(loadRequest(context, { profiles: ['*'] }));
    return Object.keys(project.services);
  } catch {
    // Whatever is wrong with the files: a shell that completes must stay silent.
    return [];
  }
}

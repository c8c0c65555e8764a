import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { pullWithView } from './flow/pull-image.ts';

export const imagePull = command({
  name: 'image pull',
  summary: 'Fetch an image from its registry',
  flags: {
    platform: { type: 'string', value: 'os/arch', help: 'Platform, if not that of this machine' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
  },
  operands: [{ name: 'IMAGE' }],
  async run({ flags, operands: [reference = ''], context }) {
    const engine = await context.engine();
    const view = flags.quiet ? undefined : viewFor(context, 'pull');
    try {
      const image = await pullWithView({ engine, reference, platform: flags.platform, view, signal: context.interrupts.signal });
      context.output.result(`${image.references[0] ?? image.id}\n`);
      return 0;
    } finally {
      view?.close();
    }
  },
});

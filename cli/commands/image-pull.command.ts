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
    const release = view === undefined ? undefined : context.output.within((write) => view.interleave(write));
    const { dryRun } = context.settings;
    try {
      const image = await pullWithView({
        engine,
        reference,
        platform: flags.platform,
        view,
        dryRun,
        signal: context.interrupts.signal,
      });
      const { formatReference, parseReference } = await import('#runtime/images/reference.ts');
      const name = formatReference(parseReference(reference));
      // A configured registry gives it another name.
      if (image !== undefined) context.output.result(`${image.references.find((one) => one === name) ?? image.references[0]}\n`);
      return 0;
    } finally {
      release?.();
      view?.close();
    }
  },
});

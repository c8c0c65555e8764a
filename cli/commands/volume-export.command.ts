import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';

export const volumeExport = command({
  name: 'volume export',
  summary: 'Write the files of a volume to standard output as a tar archive',
  flags: {},
  operands: [{ name: 'VOLUME' }],
  examples: [{ line: 'volume export app_data > data.tar', does: 'a copy of the volume "app_data"' }],
  async run({ operands: [volume = ''], context }) {
    const { host } = context;
    if (host.stdout.isTTY) throw new TscomposeError(diagnose('cli.archive-to-terminal', { what: 'the archive' }));
    const engine = await context.engine();
    await engine.exportVolume(volume, host.stdout, context.interrupts.signal);
    return 0;
  },
});

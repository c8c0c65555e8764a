import { command } from '../args/command.ts';

export const volumeImport = command({
  name: 'volume import',
  summary: 'Fill a volume from a tar archive on standard input; made when it is not there',
  changesAtOnce: true,
  flags: {
    merge: { type: 'boolean', help: 'Also into a volume that has files' },
  },
  operands: [{ name: 'VOLUME' }],
  examples: [{ line: 'volume import app_data < data.tar', does: 'the files of data.tar in the volume "app_data"' }],
  async run({ flags, operands: [volume = ''], context }) {
    const engine = await context.engine();
    await engine.importVolume(volume, { input: context.host.stdin, merge: flags.merge }, context.interrupts.signal);
    return 0;
  },
});

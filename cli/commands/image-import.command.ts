import { resolve } from 'node:path';
import { command } from '../args/command.ts';

export const imageImport = command({
  name: 'image import',
  summary: 'Make an image of one file system archive (tar, plain or compressed)',
  changesAtOnce: true,
  flags: {
    change: { type: 'list', alias: 'c', value: 'instruction', help: 'Dockerfile instruction to apply (repeatable)' },
    message: { type: 'string', alias: 'm', help: 'Comment for the history' },
    platform: { type: 'string', value: 'os/arch', help: 'Platform, if not that of this machine' },
  },
  operands: [{ name: 'FILE|URL|-' }, { name: 'IMAGE', optional: true }],
  examples: [{ line: 'image import -c \'CMD ["/bin/sh"]\' rootfs.tar tools:1', does: 'an image "tools:1" of rootfs.tar' }],
  async run({ flags, operands: [source = '', reference], context }) {
    const { host } = context;
    const engine = await context.engine();
    const image = await engine.importImage(
      {
        source: source === '-' || /^https?:\/\//i.test(source) ? source : resolve(host.cwd, source),
        ...(source === '-' ? { stdin: host.stdin } : {}),
        ...(reference === undefined ? {} : { reference }),
        changes: flags.change,
        ...(flags.message === undefined ? {} : { message: flags.message }),
        ...(flags.platform === undefined ? {} : { platform: flags.platform }),
      },
      context.interrupts.signal,
    );
    context.output.result(`${image.id}\n`);
    return 0;
  },
});

import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { familiar } from '../views/image-name.ts';

export const imageLoad = command({
  name: 'image load',
  summary: 'Load images from an archive: docker save or OCI layout, plain or compressed',
  changesAtOnce: true,
  flags: {
    input: { type: 'string', alias: 'i', value: 'file', help: 'Archive; standard input when absent' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
  },
  operands: [{ name: 'FILE', optional: true }],
  async run({ flags, operands, context }) {
    const { host } = context;
    const file = flags.input ?? operands[0] ?? '-';
    if (file === '-' && host.stdin.isTTY) {
      throw new TscomposeError(
        diagnose('cli.missing-operand', { operand: 'FILE', usage: 'image load -i FILE, or … | image load' }),
      );
    }
    const engine = await context.engine();
    let lastPercent = -1;
    const images = await engine.loadImages(
      file === '-' ? '-' : resolve(host.cwd, file),
      ({ reference, doneBytes, totalBytes }) => {
        const percent = totalBytes > 0 ? Math.floor((doneBytes / totalBytes) * 10) * 10 : 0;
        if (flags.quiet || context.settings.progress === 'quiet' || percent === lastPercent) return;
        lastPercent = percent;
        context.output.note(` Image ${reference === '' ? file : familiar(reference)} Loading ${percent}%`);
      },
      context.interrupts.signal,
    );
    for (const image of images) {
      const names = image.references.length > 0 ? image.references : [undefined];
      for (const name of names)
        context.output.result(name === undefined ? `Loaded image ID: ${image.id}\n` : `Loaded image: ${familiar(name)}\n`);
    }
    return 0;
  },
});

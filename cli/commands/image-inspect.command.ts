import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { command } from '../args/command.ts';

export const imageInspect = command({
  name: 'image inspect',
  summary: 'Show all that is known of local images, as JSON',
  flags: {},
  operands: [{ name: 'IMAGE', many: true }],
  async run({ operands, context }) {
    const engine = await context.engine();
    const found = await Promise.all(
      operands.map(async (reference) => ({ reference, image: await engine.inspectImage(reference) })),
    );
    const images = found.flatMap(({ image }) => (image === undefined ? [] : [image]));
    context.output.result(`${JSON.stringify(images, null, 2)}\n`);
    const missing = found.filter(({ image }) => image === undefined);
    if (missing.length > 0) {
      throw new TscomposeError(missing.map(({ reference }) => diagnose('engine.image-not-found', { reference })));
    }
    return 0;
  },
});

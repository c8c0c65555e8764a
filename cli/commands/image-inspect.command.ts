import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { command } from '../args/command.ts';
import { formatTemplate } from '../views/go-template.ts';
import { inspectedImage } from '../views/image-inspect.ts';

export const imageInspect = command({
  name: 'image inspect',
  summary: 'Show all that is known of local images, in the shape of "docker image inspect"',
  flags: { format: { type: 'string', alias: 'f', value: 'json|TEMPLATE', default: 'json', help: 'Form of the output' } },
  operands: [{ name: 'IMAGE', many: true }],
  examples: [{ line: "image inspect -f '{{json .Config.Env}}' web:1", does: 'the environment that the image sets' }],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const found = await Promise.all(
      operands.map(async (reference) => ({ reference, image: await engine.describeImage(reference) })),
    );
    const images = found.flatMap(({ image }) => (image === undefined ? [] : [inspectedImage(image)]));
    context.output.result(
      flags.format === 'json' ? `${JSON.stringify(images, null, 2)}\n` : formatTemplate(flags.format, images),
    );
    const missing = found.filter(({ image }) => image === undefined);
    if (missing.length > 0) {
      throw new TscomposeError(missing.map(({ reference }) => diagnose('engine.image-not-found', { reference })));
    }
    return 0;
  },
});

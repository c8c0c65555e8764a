import type { ImageSummary } from '#core/engine/specs.ts';
import { command } from '../args/command.ts';
import { humanDuration } from '../views/durations.ts';
import { repositoryAndTag } from '../views/image-name.ts';
import { sizeText } from '../views/sizes.ts';
import { listStyle, tableText } from '../views/table.ts';

export const imageLs = command({
  name: 'image ls',
  summary: 'List local images',
  flags: {
    format: { type: 'string', choices: ['table', 'json'], default: 'table', help: 'Form of the output' },
    'no-trunc': { type: 'boolean', help: 'Whole ids' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only ids' },
  },
  operands: [],
  async run({ flags, context }) {
    const engine = await context.engine();
    const images = await engine.listImages();
    const idOf = (image: ImageSummary): string => (flags['no-trunc'] ? image.id : image.id.replace('sha256:', '').slice(0, 12));
    if (flags.quiet) {
      context.output.result(images.map((image) => `${idOf(image)}\n`).join(''));
      return 0;
    }
    if (flags.format === 'json') {
      context.output.result(images.map((image) => `${JSON.stringify(image)}\n`).join(''));
      return 0;
    }
    const nowMs = context.host.now();
    const rows = images
      .flatMap((image) =>
        (image.references.length === 0 ? ['<none>:<none>'] : image.references).map((name) => ({
          image,
          ...repositoryAndTag(name),
        })),
      )
      .sort((a, b) => (`${a.repository}:${a.tag}` < `${b.repository}:${b.tag}` ? -1 : 1))
      .map(({ image, repository, tag }) => [
        repository,
        tag,
        idOf(image),
        `${humanDuration(nowMs - Date.parse(image.createdAt))} ago`,
        sizeText(image.sizeBytes),
      ]);
    context.output.result(tableText([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], ...rows], listStyle));
    return 0;
  },
});

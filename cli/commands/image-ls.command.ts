import { command } from '../args/command.ts';
import { formatTemplate } from '../views/go-template.ts';
import { imageRows } from '../views/image-rows.ts';
import { imageStyle, listStyle, tableText } from '../views/table.ts';
import { filterImages, parseImageFilter } from './flow/image-filter.ts';

export const imageLs = command({
  name: 'image ls',
  summary: 'List local images',
  flags: {
    all: { type: 'boolean', alias: 'a', ignored: 'there are no hidden images', help: 'Also hidden images' },
    digests: { type: 'boolean', help: 'Show manifest digests' },
    filter: {
      type: 'list',
      value: 'key=value',
      help: 'dangling=true, label=key[=value], before=image, since=image, until=time, reference=pattern (repeatable)',
    },
    format: { type: 'string', default: 'table', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    'no-trunc': { type: 'boolean', help: 'Whole ids' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only ids' },
  },
  operands: [{ name: 'PATTERN', optional: true }],
  examples: [{ line: 'image ls --filter dangling=true', does: 'images that have no name' }],
  async run({ flags, operands: [pattern], context }) {
    const nowMs = context.host.now();
    const filter = parseImageFilter(
      [...flags.filter, ...(pattern === undefined ? [] : [`reference=${pattern}`])],
      ['dangling', 'label', 'before', 'since', 'until', 'reference'],
      nowMs,
    );
    const engine = await context.engine();
    const images = await filterImages(engine, await engine.listImages(), filter);
    const rows = imageRows(images, { wholeIds: flags['no-trunc'], nowMs });
    const { output } = context;
    if (flags.quiet) output.result([...new Set(rows.map((row) => row.ID))].map((id) => `${id}\n`).join(''));
    else if (flags.format === 'json') output.result(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (flags.format === 'table') {
      const digest = (text: string) => (flags.digests ? [text] : []);
      const header = ['REPOSITORY', 'TAG', ...digest('DIGEST'), 'IMAGE ID', 'CREATED', 'SIZE'];
      const cells = rows.map((row) => [row.Repository, row.Tag, ...digest(row.Digest), row.ID, row.CreatedSince, row.Size]);
      output.result(tableText([header, ...cells], listStyle));
    } else output.result(formatTemplate(flags.format, rows, imageStyle));
    return 0;
  },
});

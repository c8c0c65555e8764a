import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { command } from '../args/command.ts';
import { formatTemplate } from '../views/go-template.ts';
import { historyRows } from '../views/history-rows.ts';
import { listStyle, tableText } from '../views/table.ts';

export const imageHistory = command({
  name: 'image history',
  summary: 'Show how an image was made, newest step first',
  flags: {
    format: { type: 'string', default: 'table', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    human: { type: 'boolean', alias: 'H', default: true, help: 'Sizes and times for people' },
    'no-trunc': { type: 'boolean', help: 'Whole ids and commands' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only ids' },
  },
  operands: [{ name: 'IMAGE' }],
  async run({ flags, operands: [reference = ''], context }) {
    const engine = await context.engine();
    const image = await engine.describeImage(reference);
    if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
    const options = { isWhole: flags['no-trunc'], isHuman: flags.human, nowMs: context.host.now() };
    const rows = historyRows(image, options);
    const { output } = context;
    if (flags.quiet) output.result(rows.map((row) => `${row.ID}\n`).join(''));
    else if (flags.format === 'json') output.result(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (flags.format === 'table') {
      const cells = rows.map((row) => [row.ID, row.CreatedSince, row.CreatedBy, row.Size, row.Comment]);
      output.result(tableText([['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], ...cells], listStyle));
    } else output.result(formatTemplate(flags.format, rows, { ...listStyle, headers: { ID: 'IMAGE', CreatedSince: 'CREATED' } }));
    return 0;
  },
});

import { command } from '../args/command.ts';
import { formatTemplate } from '../views/go-template.ts';
import { listStyle, tableText } from '../views/table.ts';
import { detailTables, stackTable, usageRows } from '../views/usage-tables.ts';

export const systemDf = command({
  name: 'system df',
  summary: 'Show what takes disk space, by kind and by stack',
  flags: {
    format: { type: 'string', default: 'table', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    verbose: { type: 'boolean', alias: 'v', help: 'Every image, container and volume, and what keeps it' },
  },
  operands: [],
  async run({ flags, context }) {
    const engine = await context.engine();
    const usage = await engine.diskUsage(context.interrupts.signal);
    const rows = usageRows(usage, await engine.listBuildCache());
    const { output } = context;
    if (flags.format === 'json') {
      output.result(flags.verbose ? `${JSON.stringify(usage)}\n` : rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    } else if (flags.format !== 'table')
      output.result(formatTemplate(flags.format, rows, { ...listStyle, headers: { TotalCount: 'TOTAL' } }));
    else if (flags.verbose) output.result(detailTables(usage));
    else {
      const cells = rows.map((row) => [row.Type, row.TotalCount, row.Active, row.Size, row.Reclaimable]);
      output.result(tableText([['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'], ...cells], { min: 12, gap: 3 }));
      const stacks = stackTable(usage);
      if (stacks !== '') output.result(`\n${stacks}`);
    }
    return 0;
  },
});

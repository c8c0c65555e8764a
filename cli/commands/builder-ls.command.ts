import { command } from '../args/command.ts';
import { sizeText } from '../views/sizes.ts';
import { listStyle, tableText } from '../views/table.ts';

export const builderLs = command({
  name: 'builder ls',
  summary: 'List what is kept for later builds: results of steps and cache mounts',
  flags: {
    format: { type: 'string', default: 'table', choices: ['table', 'json'], help: 'Form of the output' },
  },
  operands: [],
  async run({ flags, context }) {
    const engine = await context.engine();
    const entries = await engine.listBuildCache();
    if (flags.format === 'json') context.output.result(entries.map((one) => `${JSON.stringify(one)}\n`).join(''));
    else {
      const cells = entries.map((one) => [
        one.id.slice(0, 12),
        one.kind,
        sizeText(one.sizeBytes),
        String(one.uses),
        one.isInUse ? 'yes' : 'no',
        one.usedAt.slice(0, 19),
        one.title,
      ]);
      context.output.result(tableText([['ID', 'KIND', 'SIZE', 'USES', 'IN USE', 'LAST USED', 'STEP'], ...cells], listStyle));
    }
    return 0;
  },
});

import { TscomposeError } from '#core/diagnostics/error.ts';
import { parseByteSize } from '#core/load/short/byte-size.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { sizeText } from '../views/sizes.ts';
import { confirm } from './flow/confirm.ts';
import { parseImageFilter } from './flow/image-filter.ts';

export const builderPrune = command({
  name: 'builder prune',
  summary: 'Remove what is kept for later builds; images stay',
  changesAtOnce: true,
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Also what images with names hold: their next build begins anew' },
    filter: { type: 'list', value: 'until=time', help: 'Only what was last used before, such as until=24h' },
    force: { type: 'boolean', alias: 'f', help: 'Do not ask' },
    'keep-storage': { type: 'string', value: 'bytes', help: 'Keep this much of what was used last, such as 10GB' },
  },
  operands: [],
  examples: [{ line: 'builder prune -f --filter until=240h', does: 'what no build has used for ten days' }],
  async run({ flags, context }) {
    const { untilMs } = parseImageFilter(flags.filter, ['until'], context.host.now());
    const keep = flags['keep-storage'] === undefined ? undefined : bytesOf(flags['keep-storage']);
    const engine = await context.engine();
    const what = flags.all ? 'all build cache' : 'all build cache that no image needs';
    if (!flags.force && !(await confirm(context, `This removes ${what}. Continue?`))) return 0;
    const pruned = await engine.pruneBuildCache({
      unusedOnly: !flags.all,
      ...(untilMs === undefined ? {} : { olderThanMs: context.host.now() - untilMs }),
      ...(keep === undefined ? {} : { keepBytes: keep }),
    });
    const lines = [
      ...pruned.deleted.map((id) => `Deleted: ${id}\n`),
      `Total reclaimed space: ${sizeText(pruned.reclaimedBytes)}\n`,
    ];
    context.output.result(lines.join(''));
    return 0;
  },
});

function bytesOf(text: string): number {
  const bytes = parseByteSize(text);
  if (typeof bytes === 'bigint' && bytes >= 0n) return Number(bytes);
  throw new TscomposeError(
    diagnose('cli.bad-flag-value', { flag: '--keep-storage', value: text, allowed: 'a size, such as 10GB' }),
  );
}

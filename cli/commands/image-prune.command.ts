import { command } from '../args/command.ts';
import { familiar } from '../views/image-name.ts';
import { sizeText } from '../views/sizes.ts';
import { confirm } from './flow/confirm.ts';
import { parseImageFilter } from './flow/image-filter.ts';

export const imagePrune = command({
  name: 'image prune',
  summary: 'Remove images that have no name, or with --all those that no container needs',
  changesAtOnce: true,
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Also images with names' },
    filter: { type: 'list', value: 'key=value', help: 'until=time, label=key[=value], label!=key[=value] (repeatable)' },
    force: { type: 'boolean', alias: 'f', help: 'Do not ask' },
  },
  operands: [],
  examples: [{ line: 'image prune -af --filter until=240h', does: 'unused images older than ten days' }],
  async run({ flags, context }) {
    const filter = parseImageFilter(flags.filter, ['until', 'label', 'label!'], context.host.now());
    const engine = await context.engine();
    const what = flags.all ? 'every image that no container needs' : 'every image without a name that no container needs';
    if (!flags.force && !(await confirm(context, `This removes ${what}. Continue?`))) return 0;
    const { labels, withoutLabels, untilMs } = filter;
    const pruned = await engine.pruneImages({
      all: flags.all,
      labels,
      withoutLabels,
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    const lines = [
      ...pruned.untagged.map((name) => `Untagged: ${familiar(name)}\n`),
      ...pruned.deleted.map((id) => `Deleted: ${id}\n`),
      `Total reclaimed space: ${sizeText(pruned.reclaimedBytes)}\n`,
    ];
    context.output.result(lines.join(''));
    return 0;
  },
});

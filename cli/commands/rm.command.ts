import { planRemove } from '#core/plan/lifecycle.ts';
import type { Planned } from '#core/plan/plan.ts';
import { command } from '../args/command.ts';
import { confirm } from './flow/confirm.ts';
import { lifecycle } from './flow/lifecycle.ts';

export const rm = command({
  name: 'rm',
  summary: 'Remove stopped containers',
  flags: {
    all: { type: 'boolean', alias: 'a', hidden: true, help: 'No effect' },
    force: { type: 'boolean', alias: 'f', help: 'Do not ask' },
    stop: { type: 'boolean', alias: 's', help: 'Stop containers first' },
    volumes: { type: 'boolean', alias: 'v', help: 'Remove their anonymous volumes too' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands: services, context }) {
    const options = { services, stop: flags.stop, volumes: flags.volumes };
    await lifecycle(context, {
      operation: 'remove',
      services,
      plan: (project, observed) => planRemove(project, observed, options),
      async confirm(planned) {
        const names = removed(planned);
        if (names.length === 0) return true;
        context.output.result(`Going to remove ${names.join(', ')}\n`);
        return flags.force || confirm(context, 'Are you sure?');
      },
    });
    return 0;
  },
});

function removed({ plan }: Planned): string[] {
  return plan.actions.flatMap((action) => (action.kind === 'container.remove' ? [action.name] : [])).sort();
}

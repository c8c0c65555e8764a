import { planUnpause } from '#core/plan/lifecycle.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';

export const unpause = command({
  name: 'unpause',
  summary: 'Let paused services go on',
  flags: {},
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ operands: services, context }) {
    await lifecycle(context, {
      operation: 'unpause',
      services,
      plan: (project, observed) => planUnpause(project, observed, { services }),
    });
    return 0;
  },
});

import { planPause } from '#core/plan/lifecycle.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';

export const pause = command({
  name: 'pause',
  summary: 'Halt all processes of services',
  flags: {},
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ operands: services, context }) {
    await lifecycle(context, {
      operation: 'pause',
      services,
      plan: (project, observed) => planPause(project, observed, { services }),
    });
    return 0;
  },
});

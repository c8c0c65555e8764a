import { planStart } from '#core/plan/start-services.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';
import { seconds } from './flow/up-flags.ts';

export const start = command({
  name: 'start',
  summary: 'Start services whose containers exist',
  flags: {
    resume: { type: 'boolean', help: 'Leave alone what a command has stopped, unless its restart is "always"' },
    wait: { type: 'boolean', help: 'Wait until services run or are healthy' },
    'wait-timeout': { type: 'number', min: 0, help: 'Most seconds to wait' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands: services, context }) {
    const options = { services, resume: flags.resume, wait: flags.wait, ...seconds('waitTimeoutMs', flags['wait-timeout']) };
    await lifecycle(context, {
      operation: 'start',
      services,
      plan: (project, observed) => planStart(project, observed, options),
    });
    return 0;
  },
});

import { planStop } from '#core/plan/lifecycle.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';
import { seconds } from './flow/up-flags.ts';

export const stop = command({
  name: 'stop',
  summary: 'Stop services without removing their containers',
  flags: {
    resumable: { type: 'boolean', help: 'up --resume, and a boot after enable, start again what runs now' },
    timeout: { type: 'number', alias: 't', min: 0, help: 'Seconds until containers are killed' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands: services, context }) {
    const options = { services, resumable: flags.resumable, ...seconds('timeoutMs', flags.timeout) };
    await lifecycle(context, { operation: 'stop', services, plan: (project, observed) => planStop(project, observed, options) });
    return 0;
  },
});

import { planRestart } from '#core/plan/start-services.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';
import { seconds } from './flow/up-flags.ts';

export const restart = command({
  name: 'restart',
  summary: 'Stop and start services',
  flags: {
    'no-deps': { type: 'boolean', help: 'Leave services alone that ask to be restarted with these' },
    timeout: { type: 'number', alias: 't', min: 0, help: 'Seconds until containers are killed' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands: services, context }) {
    const options = { services, withoutDependencies: flags['no-deps'], ...seconds('timeoutMs', flags.timeout) };
    const { plan, wasExecuted } = await lifecycle(context, {
      operation: 'restart',
      services,
      plan: (project, observed) => planRestart(project, observed, options),
    });
    const engine = await context.engine();
    const started = plan.actions.filter((action) => action.kind === 'container.start');
    for (const { container } of wasExecuted ? started : []) await engine.recordRestart(container);
    return 0;
  },
});

import { planDown } from '#core/plan/down.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';
import { seconds } from './flow/up-flags.ts';

export const down = command({
  name: 'down',
  summary: 'Stop and remove containers and networks',
  flags: {
    'remove-orphans': { type: 'boolean', help: 'Also containers of services that are no longer defined' },
    rmi: { type: 'string', choices: ['local', 'all'], help: 'Remove images too' },
    timeout: { type: 'number', alias: 't', min: 0, help: 'Seconds until containers are killed' },
    volumes: {
      type: 'boolean',
      alias: 'v',
      spellings: [{ name: 'volume', deprecated: true }],
      help: 'Remove named and anonymous volumes with their data',
    },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, given, operands: services, context }) {
    const options = {
      services,
      removeOrphans: given.has('remove-orphans') ? flags['remove-orphans'] : context.settings.removeOrphans,
      volumes: flags.volumes,
      ...(flags.rmi === undefined ? {} : { images: flags.rmi }),
      ...seconds('timeoutMs', flags.timeout),
    };
    await lifecycle(context, { operation: 'down', services, plan: (project, observed) => planDown(project, observed, options) });
    return 0;
  },
});

import { planKill } from '#core/plan/lifecycle.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';

export const kill = command({
  name: 'kill',
  summary: 'Send a signal to services',
  flags: {
    'remove-orphans': { type: 'boolean', help: 'Also containers of services that are no longer defined' },
    signal: { type: 'string', alias: 's', default: 'SIGKILL', help: 'Signal to send' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, given, operands: services, context }) {
    const removeOrphans = given.has('remove-orphans') ? flags['remove-orphans'] : context.settings.removeOrphans;
    const options = { services, signal: signalName(flags.signal), removeOrphans };
    await lifecycle(context, { operation: 'kill', services, plan: (project, observed) => planKill(project, observed, options) });
    return 0;
  },
});

/** `hup`, `HUP`, `SIGHUP` are one signal; a number stays. */
function signalName(text: string): string {
  if (/^\d+$/.test(text)) return text;
  const upper = text.toUpperCase();
  return upper.startsWith('SIG') ? upper : `SIG${upper}`;
}

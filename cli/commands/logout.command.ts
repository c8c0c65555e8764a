import { command } from '../args/command.ts';

export const logout = command({
  name: 'logout',
  summary: 'Forget the password for a registry',
  changesAtOnce: true,
  flags: {},
  operands: [{ name: 'REGISTRY', optional: true }],
  async run({ operands: [server = ''], context }) {
    const { logOut, registryName } = await import('#runtime/images/registry/login.ts');
    const registry = registryName(server);
    const wasKnown = await logOut({ registry, env: { ...context.env }, signal: context.interrupts.signal });
    context.output.result(wasKnown ? `Removing login credentials for ${registry}\n` : `Not logged in to ${registry}\n`);
    return 0;
  },
});

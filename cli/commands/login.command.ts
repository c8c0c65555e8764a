import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { readAll } from '../read-all.ts';
import { ask } from './flow/ask.ts';

export const login = command({
  name: 'login',
  summary: 'Prove who you are to a registry, for pull and push',
  changesAtOnce: true,
  flags: {
    username: { type: 'string', alias: 'u', value: 'NAME', help: 'User name' },
    password: {
      type: 'string',
      alias: 'p',
      value: 'PASSWORD',
      help: 'Password or token; visible to others, better use --password-stdin',
    },
    'password-stdin': { type: 'boolean', help: 'Read the password from standard input' },
  },
  operands: [{ name: 'REGISTRY', optional: true }],
  conflicts: [['password', 'password-stdin']],
  examples: [
    { line: 'login registry.lan:5000', does: 'asks for name and password' },
    { line: 'login -u me --password-stdin registry.lan:5000 < token', does: 'asks nothing' },
  ],
  async run({ flags, given, operands: [server = ''], context }) {
    const { logIn, registryName } = await import('#runtime/images/registry/login.ts');
    const registry = registryName(server);
    if (given.has('password')) context.output.diagnostic(diagnose('cli.password-visible', {}));
    const user =
      flags.username ??
      (await askedFor(context, { what: 'user name', instead: 'use --username', question: `User name for ${registry}: ` }));
    const password = flags['password-stdin']
      ? // The line break is the editor's or echo's, not the password's.
        (await readAll(context.host.stdin)).replace(/\r?\n$/, '')
      : (flags.password ??
        (await askedFor(context, { what: 'password', instead: 'use --password-stdin', question: 'Password: ', isSecret: true })));
    const stored = await logIn({ registry, user, password, env: { ...context.env }, signal: context.interrupts.signal });
    if (stored.isPlain) context.output.diagnostic(diagnose('cli.stored-password', { place: stored.place }));
    context.output.result('Login Succeeded\n');
    return 0;
  },
});

async function askedFor(
  context: CommandContext,
  question: { readonly what: string; readonly instead: string; readonly question: string; readonly isSecret?: boolean },
): Promise<string> {
  const { what, instead } = question;
  const answer = context.host.stdin.isTTY ? await ask(context, question) : '';
  if (answer === '') throw new TscomposeError(diagnose('cli.no-credentials', { what, instead }));
  return answer;
}

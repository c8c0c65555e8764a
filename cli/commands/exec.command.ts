import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ExecSpec } from '#core/engine/specs.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import type { Host } from '../host.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';
import { takeTerminal } from './flow/terminal.ts';

export const exec = command({
  name: 'exec',
  summary: 'Run a command in a running container',
  changesAtOnce: true,
  flags: {
    detach: { type: 'boolean', alias: 'd', help: 'Do not wait for the command' },
    env: { type: 'list', alias: 'e', value: 'KEY=VALUE', help: 'Environment variable; KEY alone is taken from yours' },
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
    interactive: { type: 'boolean', alias: 'i', default: true, hidden: true, help: 'Pass standard input on' },
    'no-tty': {
      type: 'boolean',
      alias: 'T',
      spellings: [{ name: 'no-TTY' }],
      help: 'Without a terminal; the default unless stdout is one',
    },
    privileged: { type: 'boolean', help: 'With all capabilities' },
    tty: { type: 'boolean', alias: 't', default: true, hidden: true, help: 'With a terminal' },
    user: { type: 'string', alias: 'u', value: 'user[:group]', help: 'User to run as' },
    workdir: { type: 'string', alias: 'w', value: 'path', help: 'Working directory' },
  },
  operands: [{ name: 'SERVICE' }, { name: 'COMMAND' }, { name: 'ARGS', optional: true, many: true }],
  flagsFirst: true,
  examples: [{ line: 'exec web sh', does: 'a shell in the container of web' }],
  async run({ flags, given, operands, context }) {
    const [service = '', ...argv] = operands;
    const { host } = context;
    const wantsTty = given.has('no-tty') ? !flags['no-tty'] : host.stdout.isTTY === true && !flags.detach && flags.tty;
    if (wantsTty && given.has('tty') && host.stdin.isTTY !== true) {
      const what = 'cannot attach stdin to a TTY-enabled container because stdin is not a terminal';
      throw new TscomposeError(diagnose('cli.not-a-terminal', { what }));
    }
    const tty = wantsTty && host.stdin.isTTY === true;
    const engine = await context.engine();
    const container = await pickContainer(engine, { project: await projectName(context), service, index: flags.index });
    const spec: ExecSpec = {
      argv,
      env: flags.env.flatMap((word) => variable(word, context.env)),
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...(flags.workdir === undefined ? {} : { workingDir: flags.workdir }),
      tty,
      privileged: flags.privileged,
      detach: flags.detach,
    };
    using terminal = takeTerminal(host, { tty, interactive: flags.interactive && !flags.detach });
    const release = passSignals(context);
    try {
      const { exitCode } = await engine.exec(container.id, spec, terminal.streams, context.interrupts.signal);
      return flags.detach ? 0 : exitCode;
    } finally {
      release();
    }
  },
});

/** `KEY=VALUE`, or `KEY` with the value of the environment; nothing when it is not set there. */
function variable(word: string, env: Host['env']): string[] {
  if (word.includes('=')) return [word];
  const value = env[word];
  return value === undefined ? [] : [`${word}=${value}`];
}

/** With a terminal Ctrl-C is a byte for the program inside; without one the first ends the wait. */
function passSignals(context: CommandContext): () => void {
  return context.interrupts.take((_count, _name) => context.host.abandon(130));
}

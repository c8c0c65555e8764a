import { Writable } from 'node:stream';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ExecSpec, ExecStreams } from '#core/engine/specs.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import type { Host, TextOutput } from '../host.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';

export const exec = command({
  name: 'exec',
  summary: 'Run a command in a running container',
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

/** The streams for the process; a terminal is in raw mode until disposal. */
function takeTerminal(host: Host, wish: { tty: boolean; interactive: boolean }): { readonly streams: ExecStreams } & Disposable {
  const { stdin, stdout, stderr } = host;
  const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const isRaw = wish.tty && wish.interactive;
  let stopResize = (): void => {};
  if (isRaw) stdin.setRawMode?.(true);
  return {
    streams: {
      ...(wish.interactive ? { stdin } : {}),
      stdout: relayTo(stdout),
      stderr: relayTo(stderr),
      ...(wish.tty
        ? {
            terminalSize: size(),
            onResize: (listener: (size: { columns: number; rows: number }) => void) => {
              stopResize = host.onResize?.(() => listener(size())) ?? stopResize;
            },
          }
        : {}),
    },
    [Symbol.dispose]() {
      stopResize();
      if (isRaw) stdin.setRawMode?.(false);
      if (wish.interactive) stdin.pause();
    },
  };
}

/** A stream of its own: the engine may end it, the program's stdout stays open. Waits where the reader is slow. */
function relayTo(target: TextOutput): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      if (target.write(chunk)) done();
      else target.once('drain', () => done());
    },
  });
}

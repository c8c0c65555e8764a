import { Transform } from 'node:stream';
import type { Engine } from '#core/engine/engine.ts';
import type { AttachSession, ExecStreams } from '#core/engine/specs.ts';
import { watchKeys } from '../../args/detach-keys.ts';
import type { CommandContext } from '../../context.ts';
import { takeTerminal } from './terminal.ts';

/** Signals in a row after which the command ends without its container, as `docker run` does. */
const patience = 3;

export interface Join {
  readonly engine: Engine;
  readonly id: string;
  /** Starts the container too. */
  readonly start: boolean;
  readonly tty: boolean;
  readonly interactive: boolean;
  /** Signals that reach the command go to the process. */
  readonly passSignals: boolean;
  /** Key sequence that ends the connection; only with a terminal. */
  readonly detachKeys: Buffer | undefined;
}

/** A terminal that is connected to the first process of a container. */
export interface Joined extends Disposable {
  /** The exit code of the process, or 0 when the user has left it. */
  readonly ended: Promise<number>;
}

/** Connects the program's streams; resolves when the process runs. Dispose it, so that the terminal is what it was. */
export async function join(context: CommandContext, request: Join): Promise<Joined> {
  const { engine, id, start, tty } = request;
  const terminal = takeTerminal(context.host, request);
  const watched = watchedInput(terminal.streams, request.detachKeys);
  const forwarding = forwardSignals(context, request.passSignals);
  const dispose = (): void => {
    forwarding.release();
    terminal[Symbol.dispose]();
  };
  try {
    const streams = { ...terminal.streams, ...watched.input, ...(request.passSignals ? { onSignal: forwarding.onSignal } : {}) };
    const session: AttachSession = await engine.attach(id, { start }, streams);
    watched.onKeys(() => session.detach());
    return {
      ended: session.ended.then((end) => ('exitCode' in end ? end.exitCode : left(context, tty))),
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

function left(context: CommandContext, tty: boolean): number {
  context.host.stderr.write(tty ? '\r\n' : '\n');
  return 0;
}

/** Input in which the key sequence is looked for. */
function watchedInput(
  { stdin }: ExecStreams,
  keys: Buffer | undefined,
): { readonly input: Pick<ExecStreams, 'stdin'>; readonly onKeys: (listener: () => void) => void } {
  if (stdin === undefined || keys === undefined) return { input: stdin === undefined ? {} : { stdin }, onKeys: () => {} };
  const watch = watchKeys(keys);
  let leave = (): void => {};
  const filter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const passed = watch.take(chunk);
      if (passed === undefined) leave();
      done(null, passed ?? Buffer.alloc(0));
    },
  });
  stdin.pipe(filter);
  return {
    input: { stdin: filter },
    onKeys: (listener) => {
      leave = listener;
    },
  };
}

function forwardSignals(context: CommandContext, pass: boolean) {
  let send = (_name: string): void => {};
  const release = context.interrupts.take((count, name) => {
    if (!pass || count >= patience) context.host.abandon(130);
    else send(name);
  });
  const releaseOthers = pass ? context.host.onOtherSignal?.((name) => send(name)) : undefined;
  return {
    onSignal: (listener: (name: string) => void) => {
      send = listener;
    },
    release: () => {
      release();
      releaseOthers?.();
    },
  };
}

import { Transform } from 'node:stream';
import type { Engine } from '#core/engine/engine.ts';
import type { AttachSession, ExecStreams } from '#core/engine/specs.ts';
import { watchKeys } from '../../args/detach-keys.ts';
import type { CommandContext } from '../../context.ts';
import { hungUp } from '../../interrupts.ts';
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
  /** The exit code of the process, 0 when the user has left it, 129 when the terminal has gone. */
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
    forwarding.onHangUp(() => session.detach());
    return {
      ended: session.ended.then((end) =>
        'exitCode' in end ? end.exitCode : forwarding.isHungUp() ? hungUp : left(context, tty),
      ),
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

/** Signals for the process. In a terminal SIGHUP ends the connection too: nobody is at the other end any more. */
function forwardSignals({ host, interrupts }: CommandContext, pass: boolean) {
  const isInTerminal = host.stdin.isTTY === true || host.stdout.isTTY === true;
  let send = (_name: string): void => {};
  let leave = (): void => host.abandon(hungUp);
  let isHungUp = false;
  const release = interrupts.take((count, name) => {
    if (!pass || count >= patience) host.abandon(130);
    else send(name);
  });
  const onOther = (name: NodeJS.Signals): void => {
    send(name);
    if (name !== 'SIGHUP' || !isInTerminal) return;
    isHungUp = true;
    leave();
  };
  const releaseOthers = pass ? host.onOtherSignal?.(onOther) : undefined;
  return {
    isHungUp: () => isHungUp,
    onHangUp: (listener: () => void) => {
      leave = listener;
    },
    onSignal: (listener: (name: string) => void) => {
      send = listener;
    },
    release: () => {
      release();
      releaseOthers?.();
    },
  };
}

import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Between attempts to reach a supervisor that is being started. */
const retryMs = 3;

export type Connected = { readonly socket: Socket } | { readonly error: unknown };

/**
 * Connects to the control socket of a container. With `start`, which resolves when the start has ended (with its failure,
 * if it had one), a socket that is not there yet is tried again until then; the failure of the start is the answer.
 */
export async function connectControl(
  runDir: string,
  start: Promise<{ readonly error: unknown } | undefined> | undefined,
): Promise<Connected> {
  let failure: { readonly error: unknown } | undefined;
  let isOver = start === undefined;
  void start?.then((result) => {
    isOver = true;
    failure = result;
  });
  for (;;) {
    const wasOver = isOver;
    const socket = await connectOnce(join(runDir, 'control.sock'));
    if (socket !== undefined) return { socket };
    if (wasOver) return failure ?? { error: undefined };
    await delay(retryMs);
  }
}

async function connectOnce(path: string): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ path });
  socket.once('connect', () => resolve(socket));
  socket.once('error', () => resolve(undefined));
  return promise;
}

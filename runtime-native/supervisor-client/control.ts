import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ControlReply, ControlRequest, SessionMessage } from '#schemas/supervisor-protocol.ts';
import { bundleJson } from '../bundle/bundle.ts';
import { signalNumber } from '../bundle/signals.ts';
import { channel, encodeBytes, encodeFrame, frameDecoder } from './frames.ts';

/** A supervisor that is not there: never started, ended, or killed. */
export class NoSupervisor extends Error {}

type Reply = ControlReply;
type Failure = Extract<Reply, { ok: false }>;

type RequestBody = ControlRequest extends infer R ? (R extends unknown ? Omit<R, 'version' | 'id'> : never) : never;

/** Sends one request without a session (stop, kill, pause, unpause) and returns the reply; rejects with `NoSupervisor`. */
export async function controlRequest(runDir: string, request: RequestBody, signal?: AbortSignal): Promise<Reply> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const socket = open(runDir);
  const decode = frameDecoder();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  socket.on('connect', () => socket.write(message({ version: 1, id: 1, ...request })));
  socket.on('data', (chunk: Buffer) => {
    for (const frame of decode(chunk)) if (frame.channel === channel.message) resolve(parseReply(frame.payload));
  });
  socket.on('error', (error) => reject(new NoSupervisor(error.message)));
  socket.on('close', () => reject(new NoSupervisor('it closed the connection')));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    socket.destroy();
  }
}

export interface SessionStreams {
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly onResize?: ((listener: (size: { columns: number; rows: number }) => void) => void) | undefined;
  /** Called when the process runs. */
  readonly onStarted?: (() => void) | undefined;
  /** Sent when the process runs already: once one row smaller, so that a program that draws the screen draws it again. */
  readonly redrawAt?: { readonly columns: number; readonly rows: number } | undefined;
  readonly onSignal?: ((listener: (name: string) => void) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a session ended: the process's exit code, a detached start, or the supervisor's refusal. */
export type SessionEnd = { readonly exitCode: number } | { readonly detached: true } | { readonly failure: Failure };

/** Runs an exec or attach session to its end, over a connection or a new one. An aborted signal closes it and rejects with its reason. */
export async function controlSession(
  target: string | Socket,
  request: RequestBody,
  streams: SessionStreams,
): Promise<SessionEnd> {
  streams.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<SessionEnd>();
  const socket = typeof target === 'string' ? open(target) : target;
  const decode = frameDecoder();
  const abort = () => reject(streams.signal?.reason);
  streams.signal?.addEventListener('abort', abort, { once: true });
  const isDetached = request.op === 'exec' && request.detach;
  let stopInput: (() => void) | undefined;

  function onReply(reply: Reply): void {
    if (!reply.ok) resolve({ failure: reply });
    else if (reply.event === 'exited') resolve({ exitCode: reply.exitCode });
    else if (isDetached) resolve({ detached: true });
    else {
      streams.onStarted?.();
      stopInput = forwardInput(socket, streams.stdin);
      const { redrawAt } = streams;
      for (const less of redrawAt === undefined ? [] : [1, 0]) {
        const [rows, columns] = [Math.max(1, (redrawAt?.rows ?? 1) - less), redrawAt?.columns ?? 1];
        socket.write(message({ resize: { rows, columns } }));
      }
      streams.onSignal?.((name) => {
        const signal = signalNumber(name);
        if (signal !== undefined) socket.write(message({ signal }));
      });
      streams.onResize?.((size) => socket.write(message({ resize: { rows: size.rows, columns: size.columns } })));
    }
  }

  const begin = () => socket.write(message({ version: 1, id: 1, ...request }));
  if (socket.connecting) socket.on('connect', begin);
  else begin();
  socket.on('data', (chunk: Buffer) => {
    for (const frame of decode(chunk)) {
      if (frame.channel === channel.message) onReply(parseReply(frame.payload));
      else if (frame.payload.length > 0)
        forwardOutput(socket, frame.channel === channel.stderr ? streams.stderr : streams.stdout, frame.payload);
    }
  });
  socket.on('error', (error) => reject(new NoSupervisor(error.message)));
  socket.on('close', () => reject(new NoSupervisor('it closed the connection')));
  try {
    return await promise;
  } finally {
    streams.signal?.removeEventListener('abort', abort);
    stopInput?.();
    socket.destroy();
  }
}

function open(runDir: string): Socket {
  return connect({ path: join(runDir, 'control.sock') });
}

function message(value: ControlRequest | SessionMessage): Buffer {
  return encodeFrame({ channel: channel.message, payload: Buffer.from(bundleJson(value)) });
}

/** Sends what `stdin` gives, its end as an empty frame; a full socket pauses it. Returns how to stop. */
function forwardInput(socket: Socket, stdin: Readable | undefined): () => void {
  if (stdin === undefined) return () => {};
  const onData = (chunk: Buffer | string) => {
    let hasRoom = true;
    for (const frame of encodeBytes(channel.stdin, Buffer.from(chunk))) hasRoom = socket.write(frame);
    if (!hasRoom) {
      stdin.pause();
      socket.once('drain', () => stdin.resume());
    }
  };
  const onEnd = () => socket.write(encodeFrame({ channel: channel.stdin, payload: Buffer.alloc(0) }));
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.pause();
  };
}

function forwardOutput(socket: Socket, target: Writable, bytes: Buffer): void {
  if (target.write(bytes)) return;
  socket.pause();
  target.once('drain', () => socket.resume());
}

function parseReply(payload: Buffer): Reply {
  return JSON.parse(payload.toString()) as Reply; // our own program, of the same version
}

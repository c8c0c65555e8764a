import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { AttachSession, ExecStreams } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { connectControl } from '../supervisor-client/connect.ts';
import { controlSession, NoSupervisor, type SessionEnd } from '../supervisor-client/control.ts';
import { containerStatus, killedExitCode } from './alive.ts';
import { type ContainerRow, requireContainer } from './container-rows.ts';
import { startContainer } from './start-container.ts';

export interface AttachCall {
  readonly id: string;
  /** Starts the container; its first instruction waits for this connection. */
  readonly start: boolean;
  readonly streams: ExecStreams;
  readonly signal?: AbortSignal | undefined;
}

/** Joins the first process of a container and resolves when that runs; the session goes on after that. */
export async function attachContainer(context: EngineContext, call: AttachCall): Promise<AttachSession> {
  call.signal?.throwIfAborted();
  const row = requireContainer(context.database, call.id);
  const isLive = containerStatus(context, call.id).kind === 'live';
  if (!isLive && !call.start) throw notRunning(row);
  const size = call.streams.terminalSize;
  const runDir = context.paths.containerRun(call.id);
  // Of a supervisor that was killed: the new one makes its own.
  if (!isLive) rmSync(join(runDir, 'control.sock'), { force: true });
  const starting = isLive ? undefined : startContainer(context, call.id, { signal: call.signal, awaitAttach: size ?? {} });
  const session = await openSession(context, row, { ...call, starting });
  // Connected: what is left of the start is reported by it, not by the connection.
  await starting;
  return session;
}

async function openSession(
  context: EngineContext,
  row: ContainerRow,
  call: AttachCall & { readonly starting: Promise<void> | undefined },
): Promise<AttachSession> {
  const { streams, signal, starting } = call;
  const failure = starting?.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const connected = await connectControl(context.paths.containerRun(row.id), failure);
  if ('error' in connected) throw connected.error === undefined ? notRunning(row) : connected.error;
  const leaving = new AbortController();
  const detached = Promise.withResolvers<{ readonly detached: true }>();
  const opened = Promise.withResolvers<void>();
  const end = controlSession(
    connected.socket,
    { op: 'attach', stdin: streams.stdin !== undefined },
    {
      ...streams,
      signal: signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]),
      onStarted: opened.resolve,
      ...(starting === undefined ? { redrawAt: streams.terminalSize } : {}),
    },
  ).then(
    (outcome) => exitOf(row, outcome),
    (error: unknown) => exitOfClosed(context, row, error),
  );
  end.catch(opened.reject);
  const ended = Promise.race([end, detached.promise]);
  // Whoever waits for the end sees the failure.
  ended.catch(() => {});
  await opened.promise;
  return {
    ended,
    detach() {
      detached.resolve({ detached: true });
      leaving.abort();
    },
  };
}

function exitOf(row: ContainerRow, end: SessionEnd): { readonly exitCode: number } {
  if ('exitCode' in end) return end;
  if ('detached' in end) throw new Error('the supervisor detached a session that did not ask for it');
  if (end.failure.reason === 'not-running') throw notRunning(row);
  throw new TscomposeError(diagnose('supervisor.failed', { name: row.name, reason: end.failure.message }));
}

/** Its supervisor was killed, and the process with it; or it has dropped a reader that was far behind. */
function exitOfClosed(context: EngineContext, row: ContainerRow, error: unknown): { readonly exitCode: number } {
  if (!(error instanceof NoSupervisor)) throw error;
  if (containerStatus(context, row.id).kind !== 'live') return { exitCode: killedExitCode };
  throw new TscomposeError(diagnose('engine.reader-too-slow', { name: row.name }), { cause: error });
}

function notRunning(row: ContainerRow): TscomposeError {
  return new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
}

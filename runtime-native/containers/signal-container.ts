import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { signalNumber } from '../bundle/signals.ts';
import type { EngineContext } from '../engine-context.ts';
import { noteEvent } from '../journal/journal.ts';
import { containerStatus } from './alive.ts';
import { type ContainerRow, requireContainer } from './container-rows.ts';
import { askSupervisor, stopContainer } from './stop-container.ts';
import { stopSignalOf } from './stop-signal.ts';

const sigkill = 9;

/** Sends a signal to a container's first process. A deadly one that a restart policy would undo stops the container, as in Docker. */
export async function killContainer(
  context: EngineContext,
  id: string,
  { signalName, signal }: { readonly signalName: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const row = requireRunning(context, id);
  const number = signalNumber(signalName);
  if (number === undefined) {
    const reason = `there is no signal "${signalName}"`;
    throw new TscomposeError(diagnose('engine.invalid-attribute', { service: row.service, key: 'signal', reason }));
  }
  if (number === sigkill) {
    await stopContainer(context, id, { timeoutMs: 0, signal, isKill: true });
    return;
  }
  noteEvent(context, row, { action: 'kill', signal: number });
  if (number === stopSignalOf(row)) context.database.prepare("UPDATE containers SET desired = 'stopped' WHERE id = ?").run(id);
  await askSupervisor(context, row, { request: { op: 'kill', signal: number }, signal });
}

export async function pauseContainer(context: EngineContext, id: string, signal?: AbortSignal): Promise<void> {
  await askSupervisor(context, requireRunning(context, id), { request: { op: 'pause' }, signal });
}

export async function unpauseContainer(context: EngineContext, id: string, signal?: AbortSignal): Promise<void> {
  await askSupervisor(context, requireRunning(context, id), { request: { op: 'unpause' }, signal });
}

/** The row of a container whose supervisor lives; throws `engine.container-not-running`. */
export function requireRunning(context: EngineContext, id: string): ContainerRow {
  const row = requireContainer(context.database, id);
  if (containerStatus(context, id).kind !== 'live') {
    throw new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
  }
  return row;
}

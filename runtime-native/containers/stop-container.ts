import { setTimeout as delay } from 'node:timers/promises';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import { isSameProcess } from '../host/process-identity.ts';
import { removeTree } from '../host/remove-tree.ts';
import { noteEvent } from '../journal/journal.ts';
import { controlRequest, NoSupervisor } from '../supervisor-client/control.ts';
import { containerStatus } from './alive.ts';
import { leaveSharedPorts, releasePorts } from './claim.ts';
import { type ContainerRow, requireContainer, setDesired } from './container-rows.ts';
import { stopSignalOf } from './stop-signal.ts';
import { sweepContainer } from './sweep.ts';

const sigkill = 9;

/** Between looks at a supervisor that is about to end; it has nothing left to do but exit. */
const exitPollMs = 1;
const exitLimitMs = 5000;

/** Stops a container: no restart follows, and unless `isResumable` a boot does not bring it back. One that does not run stays as it is. */
export async function stopContainer(
  context: EngineContext,
  id: string,
  options: {
    readonly timeoutMs?: number;
    /** What is wanted stays as it is: a resume starts it again. */
    readonly isResumable?: boolean;
    readonly signal?: AbortSignal | undefined;
    /** It was killed, which is no stop in the journal. */
    readonly isKill?: boolean;
  },
): Promise<void> {
  const row = requireContainer(context.database, id);
  if (row.desired === 'running' && options.isResumable !== true) setDesired(context.database, id, 'stopped');
  const status = containerStatus(context, id);
  if (status.kind === 'orphaned') await sweepContainer(context, id);
  if (status.kind === 'live') {
    noteEvent(context, row, { action: 'kill', signal: options.timeoutMs === 0 ? sigkill : stopSignalOf(row) });
    await leaveSharedPorts(context, id);
    const { timeoutMs } = options;
    const request = { op: 'stop' as const, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    await askSupervisor(context, row, { request, signal: options.signal });
    await supervisorEnd(status.status.supervisorPid, status.status.supervisorStartTime);
    if (options.isKill !== true) noteEvent(context, row, { action: 'stop' });
  }
  removeTree(context.paths.containerRun(id));
  await releasePorts(context, id);
}

/** Sends one request to a container's supervisor; one that has just ended is no error for `stop`. */
export async function askSupervisor(
  { paths }: EngineContext,
  row: ContainerRow,
  call: { readonly request: Parameters<typeof controlRequest>[1]; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    const reply = await controlRequest(paths.containerRun(row.id), call.request, call.signal);
    if (reply.ok) return;
    if (reply.reason === 'not-running' && call.request.op === 'stop') return;
    if (reply.reason === 'not-running') throw new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
    throw new TscomposeError(diagnose('supervisor.failed', { name: row.name, reason: reply.message }));
  } catch (error) {
    if (!(error instanceof NoSupervisor)) throw error;
    if (call.request.op !== 'stop') throw new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
  }
}

/** Waits until a supervisor process is gone. */
async function supervisorEnd(pid: number, startTime: number): Promise<void> {
  const deadline = performance.now() + exitLimitMs;
  while (isSameProcess(pid, startTime)) {
    if (performance.now() > deadline)
      throw new TscomposeError(diagnose('supervisor.failed', { name: String(pid), reason: 'it does not end' }));
    await delay(exitPollMs);
  }
}

import { join } from 'node:path';
import { diagnose } from '#core/engine/catalogue.ts';
import type { LogEntry, LogQuery } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { readLog } from '../supervisor-client/log-reader.ts';
import { containerStatus } from './alive.ts';
import { findContainer, requireContainer } from './container-rows.ts';

/** Log entries of a container, with a notice when some did not reach a file or server; with `follow` until it ends for good, is removed or the signal aborts. */
export async function* containerLogs(
  context: EngineContext,
  id: string,
  { query, signal }: { readonly query: LogQuery; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<LogEntry> {
  const { name } = requireContainer(context.database, id);
  const state = containerStatus(context, id);
  const log = state.kind === 'none' ? undefined : state.status.log;
  if (log !== undefined) {
    const reasons = [
      ...(log.problem === '' ? [] : [log.problem]),
      ...(log.lostBytes === 0 ? [] : [`${log.lostBytes} bytes were dropped`]),
    ];
    context.notice(diagnose('engine.log-incomplete', { name, reason: reasons.join('; ') }));
  }
  const isOpen = () => {
    const { kind } = containerStatus(context, id);
    // Not started yet: it may be in a moment.
    return kind === 'live' || (kind === 'none' && findContainer(context.database, id) !== undefined);
  };
  yield* readLog({ path: join(context.paths.containerState(id), 'log'), query, isOpen, signal });
}

import { join } from 'node:path';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { LogEntry, LogQuery } from '#core/engine/specs.ts';
import { noLogFacts } from '../bundle/log-facts.ts';
import { logConfig } from '../bundle/logging.ts';
import type { EngineContext } from '../engine-context.ts';
import { readLog } from '../supervisor-client/log-reader.ts';
import { containerStatus } from './alive.ts';
import { type ContainerRow, findContainer, requireContainer } from './container-rows.ts';

/**
 * Log entries of a container, with a notice when there is no log to read or lines did not reach a file or server; with `follow` until it
 * ends for good, is removed or the signal aborts.
 */
export async function* containerLogs(
  context: EngineContext,
  id: string,
  { query, signal }: { readonly query: LogQuery; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<LogEntry> {
  for (const notice of logNotices(context, requireContainer(context.database, id))) context.notice(notice);
  const isOpen = () => {
    const { kind } = containerStatus(context, id);
    // Not started yet: it may be in a moment.
    return kind === 'live' || (kind === 'none' && findContainer(context.database, id) !== undefined);
  };
  yield* readLog({ path: join(context.paths.containerState(id), 'log'), query, isOpen, signal });
}

function logNotices(context: EngineContext, { id, name, stored }: ContainerRow): readonly Diagnostic[] {
  const { logging } = stored.spec.service;
  const config = logConfig(logging, noLogFacts);
  const keepsNone = 'driver' in config && !('file' in config);
  const state = containerStatus(context, id);
  const log = state.kind === 'none' ? undefined : state.status.log;
  const reasons = [
    ...(log === undefined || log.problem === '' ? [] : [log.problem]),
    ...(log === undefined || log.lostBytes === 0 ? [] : [`${log.lostBytes} bytes were dropped`]),
  ];
  return [
    ...(keepsNone ? [diagnose('engine.log-elsewhere', { name, driver: config.driver })] : []),
    ...(reasons.length > 0 ? [diagnose('engine.log-incomplete', { name, reason: reasons.join('; ') })] : []),
  ];
}

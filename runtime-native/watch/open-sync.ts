import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { SyncRequest, SyncResult, SyncSession, SyncSpec } from '#core/engine/sync.ts';
import { containerStatus } from '../containers/alive.ts';
import { type ContainerRow, requireContainer } from '../containers/container-rows.ts';
import type { EngineContext } from '../engine-context.ts';
import { type HelperLines, startHelper } from './helper-lines.ts';

/** Requests in one line to the helper: few enough for its buffers, many enough that the way does not count. */
const requestsInLine = 256;

const words = { a: 'attributes', d: 'directory', l: 'link', r: 'removed', '=': 'same', u: 'unsupported' } as const;

/** See `Engine.openSync`. One helper process, which ends with the container: it must not keep its mounts. */
export async function openSync(
  context: EngineContext,
  id: string,
  { spec, signal }: { readonly spec: SyncSpec; readonly signal?: AbortSignal | undefined },
): Promise<SyncSession> {
  signal?.throwIfAborted();
  const row = requireContainer(context.database, id);
  const found = containerStatus(context, id);
  if (found.kind !== 'live' || found.status.pid === 0) throw notRunning(row);
  const helper = startHelper(context.programs.helper, 'sync');
  const conversation = converse(helper, row);
  const { uid, gid } = row.stored.user;
  try {
    const { pid, pidStartTime } = found.status;
    await conversation.ask({
      pid,
      startTime: pidStartTime,
      uid,
      gid,
      rules: spec.rules.map(({ path, ignore, isPartial }) => ({ path, ignore, partial: isPartial })),
    });
  } catch (error) {
    await helper.close();
    throw error;
  }
  return {
    async sync(requests) {
      const results: SyncResult[] = [];
      for (let at = 0; at < requests.length; at += requestsInLine) {
        const part = requests.slice(at, at + requestsInLine);
        results.push(...resultsOf(await conversation.ask({ operations: part.map(operationOf) })));
      }
      return results;
    },
    ended: conversation.ended,
    [Symbol.asyncDispose]: () => helper.close(),
  };
}

/** One question after the other, each answered by a line. */
function converse(helper: HelperLines, row: ContainerRow) {
  const waiting: { resolve: (answer: Record<string, unknown>) => void; reject: (error: unknown) => void }[] = [];
  let isOver = false;
  const read = async (): Promise<void> => {
    for await (const lines of helper.lines) {
      for (const line of lines) {
        const answer = JSON.parse(line) as Record<string, unknown>; // our own program, of the same version
        const call = waiting.shift();
        if (answer['ok'] === true) call?.resolve(answer);
        else call?.reject(refused(row, answer));
      }
    }
  };
  const end = (error: unknown): void => {
    isOver = true;
    for (const call of waiting.splice(0)) call.reject(error);
  };
  const ended = read().then(() => end(notRunning(row)), end);
  return {
    ended,
    ask(message: object): Promise<Record<string, unknown>> {
      if (isOver) return Promise.reject(notRunning(row));
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      waiting.push({ resolve, reject });
      helper.send(message);
      return promise;
    },
  };
}

function operationOf({ source, target, rule, isRoot }: SyncRequest): readonly unknown[] {
  return [source, target, rule, isRoot];
}

function resultsOf(answer: Record<string, unknown>): readonly SyncResult[] {
  return (answer['results'] as readonly (readonly unknown[])[]).map(([letter, more, text]): SyncResult => {
    if (letter === 'w') return { done: 'written', bytes: Number(more) };
    if (letter === 'f') return { done: 'failed', reason: more as 'system', message: String(text) };
    return { done: words[letter as keyof typeof words] };
  });
}

function refused(row: ContainerRow, { reason, message }: Record<string, unknown>): Error {
  return reason === 'ended' ? notRunning(row) : new Error(`tscompose-helper sync: ${String(message)}`);
}

function notRunning(row: ContainerRow): TscomposeError {
  return new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
}

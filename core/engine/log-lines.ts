import type { Engine } from './engine.ts';
import type { LogEntry, LogQuery } from './specs.ts';

/** Called after each line: undefined to go on at once, else what to wait for. Rejects when the signal aborts. */
export type Pace = (signal?: AbortSignal) => Promise<unknown> | undefined;

/** A line longer than this is shown in pieces. */
const longestLine = 64 * 1024;

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
  readonly text: string;
}

/**
 * The log of a container as whole lines: partial entries of a stream are joined, an unfinished last line comes at the end. The next one
 * comes when the pace allows it.
 */
export async function* logLines(
  engine: Pick<Engine, 'logs'>,
  request: { readonly id: string; readonly query: LogQuery; readonly pace?: Pace; readonly signal?: AbortSignal },
): AsyncGenerator<LogLine> {
  const open = new Map<LogEntry['stream'], LogLine>();
  for await (const entry of engine.logs(request.id, request.query, request.signal)) {
    const before = open.get(entry.stream);
    const line = before === undefined ? entry : { ...before, text: before.text + entry.text };
    if (entry.partial && line.text.length < longestLine) {
      open.set(entry.stream, { stream: line.stream, time: line.time, text: line.text });
    } else {
      open.delete(entry.stream);
      yield { stream: line.stream, time: line.time, text: line.text };
      const turn = request.pace?.(request.signal);
      if (turn !== undefined) await turn;
    }
  }
  yield* open.values();
}

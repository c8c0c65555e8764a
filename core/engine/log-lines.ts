import type { Engine } from './engine.ts';
import type { LogEntry, LogQuery } from './specs.ts';

/** A line longer than this is shown in pieces. */
const longestLine = 64 * 1024;

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
  readonly text: string;
}

/** The log of a container as whole lines: partial entries of a stream are joined, an unfinished last line comes at the end. */
export async function* logLines(
  engine: Pick<Engine, 'logs'>,
  request: { readonly id: string; readonly query: LogQuery; readonly signal?: AbortSignal },
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
    }
  }
  yield* open.values();
}

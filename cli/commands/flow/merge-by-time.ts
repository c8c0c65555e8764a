import type { LogLine } from '#core/engine/log-lines.ts';

export interface NamedLines {
  readonly name: string;
  readonly lines: AsyncIterator<LogLine>;
}

/** Several logs as one, by time; the lines of one log keep their order. Reads one line ahead of each. */
export async function* mergeByTime(sources: readonly NamedLines[]): AsyncGenerator<{ name: string; line: LogLine }> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.lines.next() })));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done) continue;
      if (first === undefined || first.next.done || head.next.value.time < first.next.value.time) first = head;
    }
    if (first === undefined || first.next.done) return;
    yield { name: first.source.name, line: first.next.value };
    first.next = await first.source.lines.next();
  }
}

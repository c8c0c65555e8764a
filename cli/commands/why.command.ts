import type { Engine } from '#core/engine/engine.ts';
import type { JournalEntry } from '#core/engine/journal.ts';
import { command } from '../args/command.ts';
import { momentMs } from '../args/moment.ts';
import { historyLines, presentLines } from '../views/history.ts';
import { checkServices, optionalModel } from './flow/model.ts';

export const why = command({
  name: 'why',
  summary: 'Tell what happened to a service and why',
  flags: {
    format: { type: 'string', choices: ['text', 'json'], default: 'text', help: 'Form of the output; json: one entry a line' },
    lines: { type: 'number', alias: 'n', default: 20, min: 0, help: 'Number of last lines of the history; 0 for all' },
    since: { type: 'string', value: 'time', help: 'Only from then on: a time, or 42m for relative' },
  },
  operands: [{ name: 'SERVICE' }],
  examples: [{ line: 'why web', does: 'how web is, what commands did to it and for what reason, how its processes ended' }],
  async run({ flags, operands, context }) {
    const [service = ''] = operands;
    const nowMs = context.host.now();
    const sinceMs = flags.since === undefined ? undefined : momentMs('--since', flags.since, nowMs);
    const model = await optionalModel(context);
    const engine = await context.engine();
    const containers = (await engine.listContainers({ project: model.name })).filter((one) => one.service === service);
    const entries = await historyOf(engine, { project: model.name, service, sinceMs });
    if (containers.length === 0 && entries.length === 0) {
      checkServices([service], Object.keys({ ...model.project?.services, ...model.project?.disabledServices }));
    }
    if (flags.format === 'json') {
      context.output.result(entries.map((one) => `${JSON.stringify(one)}\n`).join(''));
      return 0;
    }
    const now = presentLines(
      [...containers].sort((a, b) => (a.name < b.name ? -1 : 1)),
      nowMs,
    );
    const history = historyLines(entries).slice(flags.lines === 0 ? 0 : -flags.lines);
    const lines = [
      ...(now.length === 0 ? [`${service} has no container`] : now),
      ...(history.length === 0 ? [] : ['', ...history]),
    ];
    context.output.result(lines.map((line) => `${line}\n`).join(''));
    return 0;
  },
});

async function historyOf(
  engine: Engine,
  wish: { readonly project: string; readonly service: string; readonly sinceMs: number | undefined },
): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const query = { follow: false, ...(wish.sinceMs === undefined ? {} : { sinceMs: wish.sinceMs }) };
  for await (const entry of engine.journal(wish.project, query)) if (entry.service === wish.service) entries.push(entry);
  // Commands and supervisors write at moments of their own.
  return entries.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

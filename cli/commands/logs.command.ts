import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import { logLines, type Pace } from '#core/engine/log-lines.ts';
import type { LogQuery } from '#core/engine/specs.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { isHookContainer } from '#core/plan/pre-start.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { momentMs } from '../args/moment.ts';
import type { CommandContext } from '../context.ts';
import { paceOf } from '../pace.ts';
import { type LogPrinter, logName, logPrinter } from '../views/log-printer.ts';
import { mergeByTime } from './flow/merge-by-time.ts';
import { checkServices, type NamedModel, optionalModel } from './flow/model.ts';

export const logs = command({
  name: 'logs',
  summary: 'Show the output of containers',
  flags: {
    follow: { type: 'boolean', alias: 'f', help: 'Go on with new output' },
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica; needs one service' },
    'no-color': { type: 'boolean', help: 'Without colour' },
    'no-log-prefix': { type: 'boolean', help: 'Without the name before each line' },
    since: { type: 'string', value: 'time', help: 'Only lines from then on: a time, or 42m for relative' },
    tail: { type: 'string', alias: 'n', default: 'all', value: 'lines', help: 'Number of last lines of each container' },
    timestamps: { type: 'boolean', alias: 't', help: 'Time before each line' },
    until: { type: 'string', value: 'time', help: 'Only lines before then: a time, or 42m for relative' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  examples: [{ line: 'logs -f --tail 20 web', does: 'the last 20 lines of web, then what comes' }],
  async run({ flags, operands, context }) {
    if (flags.index > 0 && operands.length !== 1) {
      throw new TscomposeError(diagnose('cli.flag-needs-other', { flag: '--index', needs: 'exactly one service' }));
    }
    const nowMs = context.host.now();
    const tail = tailOf(flags.tail);
    const query: LogQuery = {
      follow: flags.follow,
      ...(tail === undefined ? {} : { tail }),
      ...(flags.since === undefined ? {} : { sinceMs: momentMs('--since', flags.since, nowMs) }),
      ...(flags.until === undefined ? {} : { untilMs: momentMs('--until', flags.until, nowMs) }),
    };
    const model = await optionalModel(context, { naming: operands });
    const engine = await context.engine();
    const isShown = shownServices(model, operands, flags.index);
    const all = await engine.listContainers({ project: model.name });
    checkServices(operands, [...Object.keys(model.project?.services ?? {}), ...all.map((one) => one.service)]);
    const shown = all.filter(isShown).sort((a, b) => (a.name < b.name ? -1 : 1));
    const printer = printerFor(context, flags);
    const pace = paceOf(context.host);
    if (flags.follow) await follow({ context, engine, project: model.name, shown, isShown, query, printer, pace });
    else await printAll({ engine, shown, query, printer, pace, signal: context.interrupts.signal });
    return 0;
  },
});

interface Printing {
  readonly engine: Engine;
  readonly shown: readonly ObservedContainer[];
  readonly query: LogQuery;
  readonly printer: LogPrinter;
  readonly pace: Pace;
}

/** What is there, all containers merged by time. */
async function printAll({ engine, shown, query, printer, pace, signal }: Printing & { signal: AbortSignal }): Promise<void> {
  const sources = shown.map((one) => ({ name: logName(one), lines: logLines(engine, { id: one.id, query, pace, signal }) }));
  for (const { name } of sources) printer.register(name);
  for await (const { name, line } of mergeByTime(sources)) printer.line(name, line);
}

/** Each container as its lines come; containers that start later join. Ends when all of them have ended. */
async function follow(
  request: Printing & { context: CommandContext; project: string; isShown: (one: ObservedContainer) => boolean },
): Promise<void> {
  const { engine, context, query, printer, pace } = request;
  const { signal } = context.interrupts;
  const done = new AbortController();
  const followed = new Map<string, Promise<void>>();
  const start = (container: ObservedContainer): void => {
    if (followed.has(container.id)) return;
    followed.set(container.id, printContainer({ engine, container, query, printer, pace, signal }));
  };
  const watching = (async () => {
    const ending = AbortSignal.any([signal, done.signal]);
    for await (const change of engine.watch(request.project, ending)) {
      if (change.change === 'started' && request.isShown(change.container)) start(change.container);
    }
  })().catch((error: unknown) => {
    if (!signal.aborted && !done.signal.aborted) throw error;
  });
  try {
    for (const container of request.shown) start(container);
    for (let known = -1; known !== followed.size; ) {
      known = followed.size;
      await Promise.all(followed.values());
    }
  } finally {
    done.abort();
    await watching;
  }
}

async function printContainer(request: {
  engine: Engine;
  container: ObservedContainer;
  query: LogQuery;
  printer: LogPrinter;
  pace: Pace;
  signal: AbortSignal;
}): Promise<void> {
  const { engine, container, query, printer, pace, signal } = request;
  const name = logName(container);
  try {
    for await (const line of logLines(engine, { id: container.id, query, pace, signal })) printer.line(name, line);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Named services, else all that do not opt out with `attach: false`; with what a failed `pre_start` hook left for inspection. */
function shownServices(model: NamedModel, named: readonly string[], index: number): (one: ObservedContainer) => boolean {
  return (one) =>
    (!one.oneOff || isHookContainer(one)) &&
    (index === 0 || one.number === index) &&
    (named.length > 0 ? named.includes(one.service) : model.project?.services[one.service]?.attach !== false);
}

function printerFor(
  context: CommandContext,
  flags: { readonly 'no-color': boolean; readonly 'no-log-prefix': boolean; readonly timestamps: boolean },
): LogPrinter {
  const write = (text: string): void => context.output.result(text);
  return logPrinter({
    writeOut: write,
    // Both streams of the containers are this command's result.
    writeError: write,
    colour: context.settings.colourOut && !flags['no-color'],
    prefix: !flags['no-log-prefix'],
    ...(flags.timestamps ? { stamp: (time: string) => `${time} ` } : {}),
  });
}

function tailOf(text: string): number | undefined {
  if (text === 'all' || text === '-1') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--tail', value: text, allowed: 'a number of lines, or all' }));
}

import { TscomposeError } from '#core/diagnostics/error.ts';
import type { JournalEntry } from '#core/engine/journal.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { momentMs } from '../args/moment.ts';
import { eventJson, eventText } from '../views/container-event.ts';
import { checkServices, optionalModel } from './flow/model.ts';

export const events = command({
  name: 'events',
  summary: 'Show what happens to containers, and what has happened',
  flags: {
    json: { type: 'boolean', help: 'One JSON object a line' },
    since: { type: 'string', value: 'time', help: 'Past events from then on too: a time, or 42m for relative' },
    until: { type: 'string', value: 'time', help: 'Stop then: a time, or 42m for relative' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  examples: [{ line: 'events --since 1h --until 0s', does: 'what has happened in the last hour' }],
  async run({ flags, operands, context }) {
    const nowMs = context.host.now();
    const sinceMs = flags.since === undefined ? undefined : momentMs('--since', flags.since, nowMs);
    const untilMs = flags.until === undefined ? undefined : momentMs('--until', flags.until, nowMs);
    const leftMs = untilMs === undefined ? undefined : untilMs - nowMs;
    if (leftMs !== undefined && leftMs > longestTimerMs) {
      throw new TscomposeError(
        diagnose('cli.bad-flag-value', { flag: '--until', value: flags.until ?? '', allowed: 'up to 24 days ahead' }),
      );
    }
    const model = await optionalModel(context);
    if (model.project !== undefined) checkServices(operands, Object.keys(model.project.services));
    const isPast = leftMs !== undefined && leftMs <= 0;
    // Without --since nothing of the past is shown: a moment that has passed leaves nothing to tell.
    if (isPast && sinceMs === undefined) return 0;
    const engine = await context.engine();
    const { signal: interrupted } = context.interrupts;
    const moment = new AbortController();
    // Not AbortSignal.timeout: its timer would let the process end before the moment.
    const timer = leftMs === undefined || isPast ? undefined : setTimeout(() => moment.abort(), leftMs);
    const signal = AbortSignal.any([interrupted, moment.signal]);
    const query = {
      follow: !isPast,
      ...(sinceMs === undefined ? {} : { sinceMs }),
      ...(untilMs === undefined ? {} : { untilMs }),
    };
    try {
      for await (const entry of engine.journal(model.name, query, signal)) {
        if (!isShown(entry, operands)) continue;
        context.output.result(flags.json ? `${eventJson(entry)}\n` : `${eventText(entry)}\n\n`);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
    return 0;
  },
});

/** Node's timers fire at once when asked for more than this. */
const longestTimerMs = 2 ** 31 - 1;

/** As Docker Compose, without one-off containers. */
function isShown(entry: JournalEntry, services: readonly string[]): entry is Exclude<JournalEntry, { action: 'decision' }> {
  if (entry.action === 'decision' || entry.oneOff) return false;
  return services.length === 0 || services.includes(entry.service);
}

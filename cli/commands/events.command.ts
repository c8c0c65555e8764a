import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ContainerChange } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { momentMs } from '../args/moment.ts';
import { harmless } from '../views/text.ts';
import { checkServices, optionalModel } from './flow/model.ts';

export const events = command({
  name: 'events',
  summary: 'Show what happens to containers, as it happens',
  flags: {
    json: { type: 'boolean', help: 'One JSON object a line' },
    since: { type: 'string', value: 'time', help: 'Show past events from then on' },
    until: { type: 'string', value: 'time', help: 'Stop then' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    if (flags.since !== undefined) throw new TscomposeError(diagnose('cli.not-yet', { what: 'events --since' }));
    const nowMs = context.host.now();
    const leftMs = flags.until === undefined ? undefined : momentMs('--until', flags.until, nowMs) - nowMs;
    if (leftMs !== undefined && leftMs > longestTimerMs) {
      throw new TscomposeError(
        diagnose('cli.bad-flag-value', { flag: '--until', value: flags.until ?? '', allowed: 'up to 24 days ahead' }),
      );
    }
    const model = await optionalModel(context);
    if (model.project !== undefined) checkServices(operands, Object.keys(model.project.services));
    // Without --since nothing of the past is shown: a moment that has passed leaves nothing to tell.
    if (leftMs !== undefined && leftMs <= 0) return 0;
    const engine = await context.engine();
    const { signal: interrupted } = context.interrupts;
    const moment = new AbortController();
    // Not AbortSignal.timeout: its timer would let the process end before the moment.
    const timer = leftMs === undefined ? undefined : setTimeout(() => moment.abort(), leftMs);
    const signal = AbortSignal.any([interrupted, moment.signal]);
    try {
      for await (const { container, change } of engine.watch(model.name, signal)) {
        const action = actions[change];
        if (action === undefined || container.oneOff || (operands.length > 0 && !operands.includes(container.service))) continue;
        const event = { action, container, time: new Date(context.host.now()) };
        context.output.result(flags.json ? `${JSON.stringify(jsonOf(event))}\n` : `${textOf(event)}\n\n`);
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

/** Docker's words; undefined: not an event of its own there. */
const actions: Readonly<Record<ContainerChange['change'], string | undefined>> = {
  created: 'create',
  started: 'start',
  died: 'die',
  restarting: 'die',
  health: 'health_status',
  paused: 'pause',
  unpaused: 'unpause',
  removed: 'destroy',
  state: undefined,
};

interface Shown {
  readonly action: string;
  readonly container: ObservedContainer;
  readonly time: Date;
}

function textOf({ action, container, time }: Shown): string {
  const attributes = Object.entries(attributesOf(container)).map(([key, value]) => `${harmless(key)}=${harmless(value)}`);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}000`;
  return `${day} ${clock} container ${withHealth(action, container)} ${container.id} (${attributes.join(', ')})`;
}

function jsonOf({ action, container, time }: Shown): object {
  return {
    action: withHealth(action, container),
    attributes: attributesOf(container),
    id: container.id,
    service: container.service,
    time: time.toISOString(),
    type: 'container',
  };
}

function withHealth(action: string, container: ObservedContainer): string {
  return action === 'health_status' ? `health_status: ${container.health ?? 'none'}` : action;
}

/** Labels without those of Compose, and what identifies the container. */
function attributesOf(container: ObservedContainer): Record<string, string> {
  const labels = Object.entries(container.labels).filter(([key]) => !/^(com\.docker\.compose|io\.tscompose)\./.test(key));
  const exit = container.exitCode === undefined ? [] : [['exitCode', String(container.exitCode)] as const];
  return Object.fromEntries(
    [...labels, ...exit, ['image', container.image] as const, ['name', container.name] as const].sort(byKey),
  );
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

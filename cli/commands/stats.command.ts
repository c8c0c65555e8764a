import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ContainerUsage } from '#core/engine/usage.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { formatTemplate } from '../views/go-template.ts';
import { psStyle, tableText } from '../views/table.ts';
import { type UsageReading, usageFields, usageHeader, usageRow } from '../views/usage-row.ts';
import { checkServices, projectName } from './flow/model.ts';

/** Between two readings. */
const periodMs = 1000;

export const stats = command({
  name: 'stats',
  summary: 'Show what containers use of processor, memory, network and disks',
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Stopped containers too' },
    format: { type: 'string', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    'no-stream': { type: 'boolean', help: 'One reading, then end' },
    'no-trunc': { type: 'boolean', help: 'Do not shorten ids' },
  },
  operands: [{ name: 'SERVICE', optional: true }],
  examples: [{ line: 'stats --no-stream --format json', does: 'one line of JSON a container' }],
  async run({ flags, operands, context }) {
    const project = await projectName(context);
    const engine = await context.engine();
    const { signal } = context.interrupts;
    const [service] = operands;
    const render = (readings: readonly UsageReading[]) => text(readings, { ...flags, truncate: !flags['no-trunc'] });
    let before: ReadonlyMap<string, ContainerUsage> = new Map();
    const next = async (): Promise<readonly UsageReading[]> => {
      const readings = await read(engine, { project, service, all: flags.all, before });
      before = new Map(readings.flatMap(({ container, now }) => (now === undefined ? [] : [[container.id, now] as const])));
      return readings;
    };
    // The share of a processor needs two readings.
    await next();
    for (;;) {
      await delay(periodMs, undefined, { signal });
      const readings = await next();
      if (flags['no-stream']) {
        context.output.result(render(readings));
        return 0;
      }
      show(context, render(readings), flags.format);
    }
  },
});

async function read(
  engine: Engine,
  request: {
    readonly project: string;
    readonly service: string | undefined;
    readonly all: boolean;
    readonly before: ReadonlyMap<string, ContainerUsage>;
  },
): Promise<readonly UsageReading[]> {
  const { project, service, all, before } = request;
  const containers = await engine.listContainers({ project });
  if (service !== undefined)
    checkServices(
      [service],
      containers.map((one) => one.service),
    );
  const isUp = (state: string): boolean => state === 'running' || state === 'paused';
  const shown = containers
    .filter((one) => (service === undefined || one.service === service) && (all || isUp(one.state)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    shown.map(async (container) => ({
      container,
      before: before.get(container.id),
      now: isUp(container.state) ? await usageOf(engine, container.id) : undefined,
    })),
  );
}

/** Undefined for one that has ended meanwhile. */
async function usageOf(engine: Engine, id: string): Promise<ContainerUsage | undefined> {
  try {
    return await engine.containerUsage(id);
  } catch (error) {
    if (hasCode(error, 'engine.container-not-running') || hasCode(error, 'engine.container-not-found')) return undefined;
    throw error;
  }
}

function text(
  readings: readonly UsageReading[],
  options: { readonly format?: string | undefined; readonly truncate: boolean },
): string {
  const rows = readings.map((one) => usageRow(one, options));
  const format = options.format ?? 'table';
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format !== 'table') return formatTemplate(format, rows, psStyle);
  return tableText([usageHeader, ...rows.map((row) => usageFields.map((field) => String(row[field])))], psStyle);
}

/** On a terminal a table is drawn over the last one. */
function show({ host, output }: CommandContext, rows: string, format: string | undefined): void {
  const isLive = host.stdout.isTTY === true && format !== 'json';
  if (!isLive) {
    output.result(rows);
    return;
  }
  const lines = rows.split('\n').slice(0, -1);
  const height = host.stdout.rows ?? 24;
  output.result(
    `\x1b[H${lines
      .slice(0, height - 1)
      .map((line) => `${line.slice(0, host.stdout.columns ?? 80)}\x1b[K\n`)
      .join('')}\x1b[J`,
  );
}

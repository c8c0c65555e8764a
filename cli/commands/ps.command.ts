import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ContainerState, ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { containerRow, psFields, psHeader } from '../views/container-row.ts';
import { formatTemplate } from '../views/go-template.ts';
import { psStyle, tableText } from '../views/table.ts';
import { checkServices, optionalModel } from './flow/model.ts';

const states = ['created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing'] as const;

export const ps = command({
  name: 'ps',
  summary: 'List containers',
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Stopped and one-off containers too' },
    filter: { type: 'string', value: 'status=STATE', help: 'Only containers in this state' },
    format: { type: 'string', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    'no-trunc': { type: 'boolean', help: 'Do not shorten ids and commands' },
    orphans: { type: 'boolean', default: true, help: 'Include services that the project does not define' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only container ids' },
    services: { type: 'boolean', help: 'Only names of services' },
    status: { type: 'list', value: 'state', help: 'Only containers in this state (repeatable)' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  examples: [{ line: "ps --format '{{.Name}}: {{.Status}}'", does: 'one line a container, in your own form' }],
  async run({ flags, operands, context }) {
    const wanted = statusFilter(flags.filter, flags.status);
    const model = await optionalModel(context);
    const engine = await context.engine();
    const all = await engine.listContainers({ project: model.name });
    const defined = model.project === undefined ? undefined : Object.keys(model.project.services);
    checkServices(operands, [
      ...(defined ?? []),
      ...Object.keys(model.project?.disabledServices ?? {}),
      ...all.map((one) => one.service),
    ]);
    const isShown = (one: ObservedContainer): boolean =>
      (operands.length === 0 || operands.includes(one.service)) &&
      (flags.orphans || defined === undefined || defined.includes(one.service)) &&
      (wanted.length > 0 ? wanted.includes(one.state) : flags.all || (isUp(one.state) && !one.oneOff));
    const shown = all.filter(isShown).sort((a, b) => (a.name < b.name ? -1 : 1));
    context.output.result(render(shown, { ...flags, nowMs: context.host.now() }));
    return 0;
  },
});

function render(
  containers: readonly ObservedContainer[],
  options: {
    readonly quiet: boolean;
    readonly services: boolean;
    readonly format: string | undefined;
    readonly 'no-trunc': boolean;
    readonly nowMs: number;
  },
): string {
  if (options.quiet) return containers.map((one) => `${one.id}\n`).join('');
  if (options.services) return `${[...new Set(containers.map((one) => one.service))].join('\n')}\n`;
  const format = options.format ?? 'table';
  const rows = containers.map((one) => containerRow(one, { nowMs: options.nowMs, truncate: !options['no-trunc'] }));
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format !== 'table') return formatTemplate(format, rows);
  return tableText([psHeader, ...rows.map((row) => psFields.map((field) => String(row[field])))], psStyle);
}

/** Containers that `ps` without `-a` shows. */
function isUp(state: ContainerState): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function statusFilter(filter: string | undefined, statuses: readonly string[]): readonly string[] {
  const allowed = states.join(', ');
  const fromFilter = filter === undefined ? [] : [/^status=(.+)$/.exec(filter)?.[1] ?? ''];
  const wanted = [...statuses, ...fromFilter];
  for (const value of wanted) {
    if ((states as readonly string[]).includes(value)) continue;
    const flag = fromFilter.includes(value) ? '--filter' : '--status';
    throw new TscomposeError(
      diagnose('cli.bad-flag-value', {
        flag,
        value: flag === '--filter' ? (filter ?? '') : value,
        allowed: flag === '--filter' ? `status=STATE with one of ${allowed}` : allowed,
      }),
    );
  }
  return wanted;
}

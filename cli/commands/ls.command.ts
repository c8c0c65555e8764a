import { buildProject } from '#core/builder/request.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { listStyle, tableText } from '../views/table.ts';

interface ProjectRow {
  readonly Name: string;
  readonly Status: string;
  readonly ConfigFiles: string;
}

export const ls = command({
  name: 'ls',
  summary: 'List projects',
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Stopped projects too' },
    filter: { type: 'string', value: 'name=REGEX', help: 'Only projects whose name matches' },
    format: { type: 'string', choices: ['table', 'json'], default: 'table', help: 'Form of the output' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only names' },
  },
  operands: [],
  async run({ flags, context }) {
    const pattern = nameFilter(flags.filter);
    const engine = await context.engine();
    const rows = projectRows(await listStacks(engine), flags.all).filter((row) => pattern.test(row.Name));
    context.output.result(render(rows, flags));
    return 0;
  },
});

/** Containers of build steps belong to no stack. */
async function listStacks(engine: Engine): Promise<readonly ObservedContainer[]> {
  return (await engine.listContainers()).filter((one) => one.project !== buildProject);
}

function render(rows: readonly ProjectRow[], flags: { quiet: boolean; format: 'table' | 'json' }): string {
  if (flags.quiet) return rows.map((row) => `${row.Name}\n`).join('');
  if (flags.format === 'json') return `${JSON.stringify(rows)}\n`;
  return tableText(
    [['NAME', 'STATUS', 'CONFIG FILES'], ...rows.map((row) => [row.Name, row.Status, row.ConfigFiles])],
    listStyle,
  );
}

/** One row a project, sorted by name; without `all` only those with a running container. */
function projectRows(containers: readonly ObservedContainer[], all: boolean): ProjectRow[] {
  return [...Map.groupBy(containers, (container) => container.project)]
    .filter(([, members]) => all || members.some((one) => one.state === 'running'))
    .map(([name, members]) => ({
      Name: name,
      Status: [...Map.groupBy(members, (one) => one.state)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([state, ones]) => `${state}(${ones.length})`)
        .join(', '),
      ConfigFiles: members.map((one) => one.labels['com.docker.compose.project.config_files']).find((files) => files) ?? 'N/A',
    }))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

function nameFilter(filter: string | undefined): RegExp {
  if (filter === undefined) return /(?:)/;
  const pattern = /^name=(.*)$/.exec(filter)?.[1];
  const refuse = () =>
    new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--filter', value: filter, allowed: 'name=REGEX' }));
  if (pattern === undefined) throw refuse();
  try {
    return new RegExp(pattern);
  } catch {
    // A bad expression is the user's mistake.
    throw refuse();
  }
}

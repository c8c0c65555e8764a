import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freshBundle } from './lib/bundle.ts';
import { dockerSide } from './lib/docker-side.ts';
import { floorSide } from './lib/floor-side.ts';
import { median } from './lib/median.ts';
import type { Side } from './lib/side.ts';
import { type BenchRow, benchTable } from './lib/table.ts';
import { timed } from './lib/timed.ts';
import { type TscomposeSide, tscomposeSide } from './lib/tscompose-side.ts';
import { makeWorkspace } from './lib/workspace.ts';

const usage = `usage: npm run bench -- [--runs N] [--services N] [--docker] [--floor]
Medians of N runs (5) of a stack of sleeping services (20), every side in turn within a run.
--docker  also Docker Compose, against a dockerd that the benchmark starts and stops
--floor   the floor only (where tscompose cannot run)`;

interface Options {
  readonly runs: number;
  readonly services: number;
  readonly withDocker: boolean;
  readonly floorOnly: boolean;
}

type Phase = 'up' | 'unchanged' | 'down' | 'memory';
type Samples = Record<Phase, number[]>;

const root = join(import.meta.dirname, '..');

/** `npm run bench`: prints the table and writes it with all samples to artifacts/bench.json. */
async function bench(options: Options): Promise<void> {
  using workspace = await makeWorkspace({ root, count: options.services });
  const floor = floorSide(workspace, options.services);
  using _bundle = options.floorOnly ? undefined : await freshBundle(root);
  const tscompose = options.floorOnly ? undefined : await tscomposeSide(root, workspace);
  await using docker = options.withDocker ? await dockerSide(workspace) : undefined;
  if (options.withDocker && docker === undefined) process.stderr.write('Docker is not installed: no comparison\n');
  const sides: readonly Side[] = [
    floor,
    ...(tscompose === undefined ? [] : [tscompose]),
    ...(docker === undefined ? [] : [docker]),
  ];
  const samples = new Map<string, Samples>(sides.map(({ name }) => [name, { up: [], unchanged: [], down: [], memory: [] }]));
  const commands: Record<string, number[]> = { version: [], config: [], ps: [], node: [] };
  // The first run fills caches and is not counted.
  for (let run = 0; run <= options.runs; run++) {
    process.stderr.write(`run ${run === 0 ? '0 (not counted)' : run} of ${options.runs}\n`);
    for (const side of sides) {
      const taken = await runSide(side, side === tscompose ? () => runCommands(tscompose, commands) : undefined);
      if (run > 0)
        for (const phase of ['up', 'unchanged', 'down', 'memory'] as const) samples.get(side.name)?.[phase].push(taken[phase]);
    }
    if (run === 0) for (const name of Object.keys(commands)) commands[name] = [];
  }
  const rows = tableRows(options.services, samples, commands);
  const versions = docker === undefined ? '' : `docker: ${docker.versions}\n`;
  process.stdout.write(
    `\n${benchTable(
      sides.map(({ name }) => name),
      rows,
    )}\nMedians of ${options.runs} runs.\n${versions}`,
  );
  mkdirSync(join(root, 'artifacts'), { recursive: true });
  const record = { takenAt: new Date().toISOString(), options, versions, rows, samples: Object.fromEntries(samples), commands };
  writeFileSync(join(root, 'artifacts/bench.json'), `${JSON.stringify(record, undefined, 2)}\n`);
}

async function runSide(side: Side, whileUp?: () => Promise<void>): Promise<Readonly<Record<Phase, number>>> {
  const up = await side.up();
  try {
    const unchanged = await side.unchanged();
    const memory = (await side.memory?.()) ?? Number.NaN;
    await whileUp?.();
    return { up, unchanged, memory, down: await side.down() };
  } catch (error) {
    await side.down();
    throw error;
  }
}

async function runCommands(tscompose: TscomposeSide, commands: Record<string, number[]>): Promise<void> {
  for (const name of ['version', 'config', 'ps']) commands[name]?.push(await tscompose.command(name));
  commands['node']?.push(await timed({ argv: [process.execPath, '-e', '0'], cwd: root, env: process.env }));
}

function tableRows(
  services: number,
  samples: ReadonlyMap<string, Samples>,
  commands: Readonly<Record<string, readonly number[]>>,
): readonly BenchRow[] {
  const values = (phase: Phase, divisor = 1): Record<string, number> =>
    Object.fromEntries([...samples].map(([name, taken]) => [name, median(taken[phase]) / divisor]));
  const command = (name: string): Record<string, number> => ({
    floor: median(commands['node'] ?? []),
    tscompose: median(commands[name] ?? []),
  });
  const has20 = services === 20;
  return [
    { what: `up -d of ${services}`, unit: 'ms', values: values('up'), ...(has20 ? { budget: 300 } : {}) },
    { what: `unchanged up -d of ${services}`, unit: 'ms', values: values('unchanged'), ...(has20 ? { budget: 120 } : {}) },
    { what: `down of ${services}`, unit: 'ms', values: values('down'), ...(has20 ? { budget: 200 } : {}) },
    { what: 'tscompose version', unit: 'ms', values: command('version'), budget: 80 },
    { what: `tscompose config of ${services}`, unit: 'ms', values: command('config'), budget: 80 },
    { what: `tscompose ps of ${services}`, unit: 'ms', values: command('ps'), budget: 80 },
    { what: 'supervisor memory a container', unit: 'MB', values: values('memory', services), budget: 1.5 },
  ];
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    services: { type: 'string', default: '20' },
    docker: { type: 'boolean', default: false },
    floor: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(`${usage}\n`);
else
  await bench({
    runs: Number(values.runs),
    services: Number(values.services),
    withDocker: values.docker,
    floorOnly: values.floor,
  });

/**
 * What a container costs: the time from `up` to the first instruction of its process, in parts; the memory of its supervisor; the price of
 * health checks. `bin/node bench/containers.ts [--runs N] [--docker]` prints tables. Needs root and a kernel with tracefs.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freshBundle } from './lib/bundle.ts';
import { dockerSide } from './lib/docker-side.ts';
import { median } from './lib/median.ts';
import { descending, type ProcessEvent, type ProcessTrace, traceProcesses } from './lib/process-trace.ts';
import { type BenchRow, benchTable } from './lib/table.ts';
import { tscomposeSide } from './lib/tscompose-side.ts';
import { makeWorkspace, type Workspace } from './lib/workspace.ts';

const root = join(import.meta.dirname, '..');
const checkedServices = 20;
const checkedSeconds = 20;

/** Prints the tables. */
export async function benchContainers(options: { readonly runs: number; readonly withDocker: boolean }): Promise<void> {
  using _bundle = await freshBundle(root);
  const parts = await benchStart(options);
  process.stdout.write(`\n${benchTable(['tscompose', 'docker'], parts)}`);
  const memory = [];
  for (const [what, lines] of [
    ['idle', []],
    ['with a health check each second', [healthcheck]],
    ['with 100 log lines a second', ['command: [talk]']],
  ] as const)
    memory.push(...(await benchMemory(what, lines)));
  process.stdout.write(`\n${benchTable(['tscompose'], memory)}`);
  process.stdout.write(`\n${benchTable(['tscompose'], await benchChecks())}`);
}

const healthcheck = 'healthcheck: { test: [CMD, /sleeper, check], interval: 1s }';

/** One service: from the command to the first instruction of its process. */
async function benchStart({
  runs,
  withDocker,
}: {
  readonly runs: number;
  readonly withDocker: boolean;
}): Promise<readonly BenchRow[]> {
  using workspace = await makeWorkspace({ root, count: 1 });
  using trace = traceProcesses(workspace.directory);
  const ours = await tscomposeSide(root, workspace);
  await using docker = withDocker ? await dockerSide(workspace) : undefined;
  const samples = new Map<string, number[]>();
  const note = (what: string, value: number): void => void samples.set(what, [...(samples.get(what) ?? []), value]);
  const dockerTotals: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const version = await ours.command('version');
    const config = await ours.command('config', '-q');
    const up = await tracedUp(workspace, trace);
    await ours.down();
    // The first run fills caches and is not counted.
    if (run > 0) for (const [what, value] of parts({ version, config, ...up })) note(what, value);
    if (docker === undefined) continue;
    trace.clear();
    const startedMs = nowMs();
    await docker.up();
    const first = trace.read().find((one) => one.file === '/sleeper');
    await docker.down();
    if (run > 0 && first !== undefined) dockerTotals.push(first.atMs - startedMs);
  }
  return [...samples].map(([what, values]) => ({
    what,
    unit: 'ms',
    values: { tscompose: median(values), docker: what.startsWith('up →') ? median(dockerTotals) : undefined },
  }));
}

interface TracedUp {
  readonly startedMs: number;
  readonly plannedMs: number;
  readonly startingMs: number;
  readonly runtimeMs: number;
  readonly firstMs: number;
  readonly endedMs: number;
}

/** Runs `up -d` and puts what it says of its progress beside what the kernel saw. */
async function tracedUp(workspace: Workspace, trace: ProcessTrace): Promise<TracedUp> {
  trace.clear();
  const startedMs = nowMs();
  const env = { ...process.env, TSCOMPOSE_ROOT: join(workspace.directory, 's'), COMPOSE_PROJECT_NAME: 'bench' };
  const child = spawn(join(root, 'bin/tscompose'), ['--progress', 'json', 'up', '-d'], {
    cwd: workspace.project,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const said = new Map<string, number>();
  for await (const line of createInterface({ input: child.stderr })) {
    const { id, text } = JSON.parse(line) as { readonly id: string; readonly text: string };
    said.set(`${id.split(' ')[0]} ${text.split(' ')[0]}`, nowMs());
  }
  await ended;
  const endedMs = nowMs();
  const events = descending(trace.read(), child.pid ?? 0);
  const first = events.find((one) => one.file === '/sleeper');
  const runtime = events.find((one) => one.kind === 'exec' && /\/(crun|runc)$/.test(one.file));
  return {
    startedMs,
    plannedMs: said.get('Project Plan:') ?? Number.NaN,
    startingMs: said.get('Container Starting') ?? Number.NaN,
    runtimeMs: runtime?.atMs ?? Number.NaN,
    firstMs: first?.atMs ?? Number.NaN,
    endedMs,
  };
}

function parts(run: TracedUp & { readonly version: number; readonly config: number }): readonly (readonly [string, number])[] {
  return [
    ['Node starts, the command line is read', run.version],
    ['compose file loaded', run.config - run.version],
    ['observed and planned', run.plannedMs - run.startedMs - run.config],
    ['network made, container created', run.startingMs - run.plannedMs],
    ['bundle, supervisor, mounts, network namespace', run.runtimeMs - run.startingMs],
    ['runtime, to the exec of the program', run.firstMs - run.runtimeMs],
    ['up → first instruction', run.firstMs - run.startedMs],
    ['first instruction → end of the command', run.endedMs - run.firstMs],
  ];
}

/** Memory of the supervisor of one container: resident, and its share of what is shared. */
async function benchMemory(what: string, service: readonly string[]): Promise<readonly BenchRow[]> {
  using workspace = await makeWorkspace({ root, count: 1, service });
  const ours = await tscomposeSide(root, workspace);
  await ours.up();
  try {
    await sleep(5_000);
    const [pid = 0] = supervisors(workspace);
    return (['Rss', 'Pss'] as const).map((key) => ({
      what: `supervisor ${what}, ${key.toUpperCase()}`,
      unit: 'MB',
      values: { tscompose: rollup(pid, key) / 1024 },
    }));
  } finally {
    await ours.down();
  }
}

/** Processor time that a health check takes, everything included, and how long one lasts, with many at once. */
async function benchChecks(): Promise<readonly BenchRow[]> {
  using workspace = await makeWorkspace({ root, count: checkedServices, service: [healthcheck] });
  using trace = traceProcesses(workspace.directory);
  const ours = await tscomposeSide(root, workspace);
  await ours.up();
  try {
    await sleep(3_000);
    const pids = supervisors(workspace);
    trace.clear();
    const before = pids.reduce((sum, pid) => sum + processorMs(pid), 0);
    await sleep(checkedSeconds * 1000);
    const spent = pids.reduce((sum, pid) => sum + processorMs(pid), 0) - before;
    const events = pids.flatMap((pid) => descending(trace.read(), pid));
    const checks = events.filter((one) => one.kind === 'exec' && one.file === '/sleeper').length;
    const row = (name: string, value: number): BenchRow => ({ what: name, unit: 'ms', values: { tscompose: value } });
    return [
      row(`processor time of a check (${checks} in ${checkedSeconds} s of ${checkedServices} containers)`, spent / checks),
      row('processor time a second, all containers', spent / checkedSeconds),
      row('wall time of a check', median(checkTimes(events))),
    ];
  } finally {
    await ours.down();
  }
}

/** From the runtime's start for a check to its end, which is the end of the check. */
function checkTimes(events: readonly ProcessEvent[]): readonly number[] {
  return events
    .filter((one) => one.kind === 'exec' && /\/(crun|runc)$/.test(one.file))
    .flatMap((start) => {
      const end = events.find((one) => one.kind === 'exit' && one.pid === start.pid);
      return end === undefined ? [] : [end.atMs - start.atMs];
    });
}

function supervisors(workspace: Workspace): readonly number[] {
  const run = join(workspace.directory, 's/run/containers');
  return readdirSync(run).map(
    (name) => (JSON.parse(readFileSync(join(run, name, 'status.json'), 'utf8')) as { supervisorPid: number }).supervisorPid,
  );
}

function rollup(pid: number, key: 'Rss' | 'Pss'): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}

/** Of a process and of the children that it has waited for. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const msPerTick = 10;
  return fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0) * msPerTick;
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '9' }, docker: { type: 'boolean', default: false } },
  });
  await benchContainers({ runs: Number(values.runs), withDocker: values.docker });
}

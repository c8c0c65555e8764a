/**
 * How fast and how cheap `tscompose watch` is: from write to visible in the container, on a small tree and on one of 100,000 files; the start on
 * that tree; idle processor time; memory. `bin/node bench/watch.ts [files]` prints a table; the budget is a p95 of 50 ms. Needs root.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureImages } from '#tools/images/build-images.ts';
import { type BenchRow, benchTable } from './lib/table.ts';

const program = join(import.meta.dirname, '..', 'bin', 'tscompose');
const saves = 100;
const idleSeconds = 10;

const compose = `
name: benchwatch
services:
  web:
    image: tscompose/busybox:1
    command: [sleep, "100000"]
    stop_signal: SIGKILL
    develop: { watch: [{ path: ./src, action: sync, target: /app/src, ignore: [node_modules] }] }
`;

/** Measures everything in a state root and a project of its own. */
export async function benchWatch(files: number): Promise<readonly BenchRow[]> {
  const home = mkdtempSync('/tmp/tscw-');
  const env = { ...process.env, TSCOMPOSE_ROOT: join(home, 'r'), NO_COLOR: '1' };
  const directory = join(home, 'p');
  mkdirSync(join(directory, 'src'), { recursive: true });
  writeFileSync(join(directory, 'compose.yaml'), compose);
  const run = (...argv: readonly string[]): void => {
    const { status, stderr } = spawnSync(program, argv, { cwd: directory, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  };
  try {
    await ensureImages(['busybox'], { env, log: () => {} });
    run('up', '-d');
    const root = join(containerRoot(join(home, 'r')), 'app/src');
    const small = await watching({ directory, env }, () => latencies(join(directory, 'src'), root));
    makeTree(join(directory, 'src'), files);
    makeTree(join(directory, 'src/node_modules'), files);
    const large = await watching({ directory, env }, async (child) => ({
      memory: await memory(child),
      idle: await idleShare(child),
      latencies: await latencies(join(directory, 'src/d0'), join(root, 'd0')),
      burst: await burst(join(directory, 'src'), root),
    }));
    const row = (what: string, unit: BenchRow['unit'], value: number, budget?: number): BenchRow => ({
      what,
      unit,
      values: { tscompose: value },
      ...(budget === undefined ? {} : { budget }),
    });
    return [
      row('write → visible, small tree, p50', 'ms', percentile(small.result, 0.5)),
      row('write → visible, small tree, p95', 'ms', percentile(small.result, 0.95), 50),
      row(`start on ${files} files (and as many ignored)`, 'ms', large.startMs),
      row(`write → visible, ${files} files, p50`, 'ms', percentile(large.result.latencies, 0.5)),
      row(`write → visible, ${files} files, p95`, 'ms', percentile(large.result.latencies, 0.95), 50),
      row('1,000 files at once, all visible', 'ms', large.result.burst),
      row('memory of the native watcher', 'MB', large.result.memory.helpers),
      row('memory of the command', 'MB', large.result.memory.command),
      row(`processor time in ${idleSeconds} idle seconds`, 'ms', large.result.idle),
    ];
  } finally {
    spawnSync(program, ['down', '-t', '0'], { cwd: directory, env });
    rmSync(home, { recursive: true, force: true });
  }
}

/** Runs `watch --no-up` around a measurement. */
async function watching<T>(
  at: { readonly directory: string; readonly env: NodeJS.ProcessEnv },
  body: (child: ChildProcess) => Promise<T>,
): Promise<{ readonly startMs: number; readonly result: T }> {
  const startedMs = performance.now();
  const child = spawn(program, ['watch', '--no-up'], { cwd: at.directory, env: at.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('Watch enabled')) resolve();
    });
    child.on('close', () => reject(new Error(text)));
  });
  const startMs = performance.now() - startedMs;
  try {
    return { startMs, result: await body(child) };
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}

/** Milliseconds from the end of a write to the same content in the container. */
async function latencies(directory: string, inside: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < saves; index++) {
    const text = `${index} ${Math.random()}`;
    writeFileSync(join(directory, 'saved.txt'), text);
    times.push(await until(() => readOrEmpty(join(inside, 'saved.txt')) === text));
    await sleep(30);
  }
  return times;
}

async function burst(directory: string, inside: string): Promise<number> {
  mkdirSync(join(directory, 'burst'));
  const startedMs = performance.now();
  for (let index = 0; index < 1_000; index++) writeFileSync(join(directory, 'burst', `f${index}`), `${index}`);
  await until(() => countOrZero(join(inside, 'burst')) === 1_000 && readOrEmpty(join(inside, 'burst/f999')) === '999');
  return performance.now() - startedMs;
}

async function until(holds: () => boolean): Promise<number> {
  const startedMs = performance.now();
  while (!holds()) {
    if (performance.now() - startedMs > 60_000) throw new Error('waited a minute in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - startedMs;
}

/** The command and its native helpers, in megabytes. */
async function memory(child: ChildProcess): Promise<{ readonly command: number; readonly helpers: number }> {
  await sleep(1_000);
  const size = (pid: number): number =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
  const watchers = childrenOf(child.pid ?? 0).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith('watch\0'));
  return { command: size(child.pid ?? 0), helpers: Math.max(...watchers.map(size)) };
}

/** Milliseconds of processor time that the command and its helpers take when nothing happens. */
async function idleShare(child: ChildProcess): Promise<number> {
  const ticks = (): number =>
    [child.pid ?? 0, ...childrenOf(child.pid ?? 0)]
      .map((pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [])
      .reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0);
  const before = ticks();
  await sleep(idleSeconds * 1000);
  return (ticks() - before) * 10;
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function makeTree(directory: string, files: number): void {
  for (let at = 0; at < files; at++) {
    const below = join(directory, `d${Math.floor(at / 100)}`);
    if (at % 100 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `f${at}`), '');
  }
}

function containerRoot(root: string): string {
  const [container = ''] = readdirSync(join(root, 'run/containers'));
  const { pid } = JSON.parse(readFileSync(join(root, 'run/containers', container, 'status.json'), 'utf8')) as { pid: number };
  return `/proc/${pid}/root`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Not there yet.
  }
}

function countOrZero(path: string): number {
  try {
    return readdirSync(path).length;
  } catch {
    return 0; // Not there yet.
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

if (import.meta.main) {
  const rows = await benchWatch(Number(process.argv[2] ?? 100_000));
  process.stdout.write(benchTable(['tscompose'], rows));
}

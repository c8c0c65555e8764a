/**
 * Load and save of an archive of about 150 MB (two images of Debian packages), beside docker, podman and skopeo where they are installed:
 * `bin/node bench/images-archive.ts [runs]` prints medians and the peak of memory. Docker's memory is its daemon's.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureImages } from '#tools/images/build-images.ts';
import { freshBundle } from './lib/bundle.ts';
import { answer, type DockerDaemon, startDocker } from './lib/docker-daemon.ts';
import { median } from './lib/median.ts';
import { type MeasuredRun, measured } from './lib/peak-memory.ts';
import { type BenchRow, benchTable } from './lib/table.ts';

const root = join(import.meta.dirname, '..');
const names = ['tscompose/postgres:15', 'tscompose/nginx:1'];

interface Side {
  readonly name: string;
  /** Each in a fresh place: what was removed before makes the next run slower. */
  load(archive: string, run: number): Promise<MeasuredRun>;
  save?(target: string, run: number): Promise<MeasuredRun>;
}

/** Prints the table. */
export async function benchArchives(runs: number): Promise<void> {
  const directory = mkdtempSync('/tmp/tscb-');
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  resources.use(await freshBundle(root));
  const archive = join(directory, 'images.tar');
  const env = { ...process.env, TSCOMPOSE_ROOT: join(directory, 'first') };
  mkdirSync(env.TSCOMPOSE_ROOT);
  await ensureImages(['postgres', 'nginx'], { env, log: () => {} });
  await measured({ argv: [join(root, 'bin/tscompose'), 'image', 'save', '-o', archive, ...names], cwd: directory, env });
  const sides = await openSides(directory, resources);
  const samples = new Map(sides.map((side) => [side.name, { load: [] as MeasuredRun[], save: [] as MeasuredRun[] }]));
  // The first run fills caches and is not counted.
  for (let run = 0; run <= runs; run++) {
    for (const side of sides) {
      const load = await side.load(archive, run);
      const save = await side.save?.(join(directory, `${side.name}-${run}.tar`), run);
      if (run === 0) continue;
      samples.get(side.name)?.load.push(load);
      if (save !== undefined) samples.get(side.name)?.save.push(save);
    }
  }
  const megabytes = Math.round(statSync(archive).size / 1e6);
  const row = (what: string, unit: BenchRow['unit'], values: (side: string) => readonly number[]): BenchRow => ({
    what,
    unit,
    values: Object.fromEntries(sides.map(({ name }) => [name, median(values(name))])),
  });
  const of = (side: string, call: 'load' | 'save') => samples.get(side)?.[call] ?? [];
  const rows = (['load', 'save'] as const).flatMap((call) => [
    row(`${call}, ${megabytes} MB`, 'ms', (side) => of(side, call).map((one) => one.ms)),
    row(`${call}, peak of memory`, 'MB', (side) => of(side, call).map((one) => one.peakMegabytes)),
  ]);
  const table = benchTable(
    sides.map(({ name }) => name),
    rows,
  );
  process.stdout.write(`${table}\nMedians of ${runs} runs.\n`);
}

async function openSides(directory: string, resources: AsyncDisposableStack): Promise<readonly Side[]> {
  const sides: Side[] = [tscompose(directory)];
  if ((await answer(['dockerd', '--version'])) !== undefined)
    sides.push(docker(resources.use(await startDocker(join(directory, 'd'))), directory));
  if ((await answer(['podman', '--version'])) !== undefined) sides.push(podman(directory));
  if ((await answer(['skopeo', '--version'])) !== undefined) sides.push(skopeo(directory));
  return sides;
}

function tscompose(directory: string): Side {
  const program = join(root, 'bin/tscompose');
  const at = (run: number) => ({ ...process.env, TSCOMPOSE_ROOT: join(directory, `tscompose-${run}`) });
  return {
    name: 'tscompose',
    load: (archive, run) => measured({ argv: [program, 'image', 'load', '-q', '-i', archive], cwd: directory, env: at(run) }),
    save: (target, run) => measured({ argv: [program, 'image', 'save', '-o', target, ...names], cwd: directory, env: at(run) }),
  };
}

function docker(daemon: DockerDaemon, directory: string): Side {
  const run = (...argv: readonly string[]) =>
    measured({ argv: ['docker', ...argv], cwd: directory, env: daemon.env, alsoPid: daemon.pid });
  return {
    name: 'docker',
    async load(archive, count) {
      if (count > 0) await run('rmi', ...names);
      return run('load', '-i', archive);
    },
    save: (target) => run('save', '-o', target, ...names),
  };
}

function podman(directory: string): Side {
  const run = (count: number, ...argv: readonly string[]) =>
    measured({
      argv: ['podman', '--root', join(directory, `podman-${count}`), '--runroot', join(directory, 'podman-run'), ...argv],
      cwd: directory,
      env: process.env,
    });
  return {
    name: 'podman',
    load: (archive, count) => run(count, 'load', '-i', archive),
    save: (target, count) => run(count, 'save', '--multi-image-archive', '-o', target, ...names),
  };
}

/** Reads and writes images without unpacking them: a floor, of one image. */
function skopeo(directory: string): Side {
  const [name = ''] = names;
  return {
    name: 'skopeo (copy)',
    load: (archive, run) =>
      measured({
        argv: ['skopeo', '--insecure-policy', 'copy', `docker-archive:${archive}:${name}`, `dir:${directory}/skopeo-${run}`],
        cwd: directory,
        env: process.env,
      }),
  };
}

if (import.meta.main) await benchArchives(Number(process.argv[2] ?? 3));

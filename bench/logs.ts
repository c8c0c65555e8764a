/**
 * How fast a container's output becomes a log: `bin/node bench/logs.ts [megabytes]` prints MB/s of what the container writes, the supervisor's
 * processor time for it and its largest resident memory, for each driver; the floor is `cat` through a pipe into a file of the same file
 * system, which neither stamps nor escapes. Needs root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineFixture, engineFixture } from '#runtime/test/engine-fixture.ts';

interface Measured {
  readonly megabytesPerSecond: number;
  /** Of the supervisor, for each gigabyte. */
  readonly cpuSeconds?: number;
  readonly residentKilobytes?: number;
  /** Of a server that did not keep up. */
  readonly lostBytes?: number;
}

interface Way {
  readonly name: string;
  readonly lineBytes: number;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

const serverPort = 21_060;

const ways: readonly Way[] = [
  { name: 'json-file, one file', lineBytes: 100, driver: 'json-file', options: { 'max-size': '100g', 'max-file': '1' } },
  { name: 'json-file, rotated, short lines', lineBytes: 20, driver: 'json-file', options: {} },
  { name: 'json-file, rotated as by default', lineBytes: 100, driver: 'json-file', options: {} },
  { name: 'local (rotated and compressed)', lineBytes: 100, driver: 'local', options: {} },
  {
    name: 'syslog over TCP, local copy off',
    lineBytes: 100,
    driver: 'syslog',
    options: { 'syslog-address': `tcp://127.0.0.1:${serverPort}`, 'cache-disabled': 'true', 'max-buffer-size': '16m' },
  },
  { name: 'none', lineBytes: 100, driver: 'none', options: {} },
];

/** Measures each way once. */
export async function benchLogs(megabytes: number): Promise<void> {
  await using fixture = await engineFixture();
  using _server = logServer();
  const directory = join(fixture.root, 'bench');
  mkdirSync(directory);
  const file = (lineBytes: number) => join(directory, `lines-${lineBytes}`);
  for (const lineBytes of new Set(ways.map((way) => way.lineBytes))) writeLines(file(lineBytes), { lineBytes, megabytes });
  print('floor: cat | cat > file', { megabytesPerSecond: megabytes / floorSeconds(file(100), join(directory, 'copy')) });
  for (const [index, way] of ways.entries()) {
    print(way.name, await measure(fixture, { way, directory, source: file(way.lineBytes), megabytes, name: `way-${index}` }));
  }
}

/** Takes what comes and drops it. */
function logServer(): Disposable {
  const server = spawn('busybox', ['nc', '-l', '-p', String(serverPort)], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { [Symbol.dispose]: () => void server.kill() };
}

/** Numbered lines of exactly this length. */
function writeLines(path: string, { lineBytes, megabytes }: { lineBytes: number; megabytes: number }): void {
  const fd = openSync(path, 'w');
  const perMegabyte = Math.floor(1_000_000 / lineBytes);
  for (let block = 0; block < megabytes; block++) {
    const lines = Array.from({ length: perMegabyte }, (_, index) =>
      `${block * perMegabyte + index} "GET /index.html" `.padEnd(lineBytes - 1, 'x').slice(0, lineBytes - 1),
    );
    writeSync(fd, `${lines.join('\n')}\n`);
  }
  closeSync(fd);
}

function floorSeconds(source: string, target: string): number {
  const startedMs = performance.now();
  spawnSync('sh', ['-c', 'cat "$1" | cat > "$2"', 'sh', source, target], { timeout: 600_000 });
  const seconds = (performance.now() - startedMs) / 1000;
  rmSync(target);
  return seconds;
}

async function measure(
  fixture: EngineFixture,
  run: { way: Way; directory: string; source: string; megabytes: number; name: string },
): Promise<Measured> {
  const { engine } = fixture;
  const place = join(run.directory, run.name);
  mkdirSync(place);
  const id = await fixture.create(
    run.name,
    {
      command: ['sh', '-c', 'until [ -e /place/go ]; do sleep 0.01; done; cat /lines; touch /place/done; sleep 1000'],
      stop_signal: 'SIGKILL',
      logging: { driver: run.way.driver, options: run.way.options },
    },
    {
      mounts: [
        { type: 'bind', source: run.source, target: '/lines', readOnly: true, createHostPath: false },
        { type: 'bind', source: place, target: '/place', readOnly: false, createHostPath: false },
      ],
    },
  );
  await engine.startContainer(id);
  const statusPath = join(fixture.root, 'run/containers', id.slice(0, 24), 'status.json');
  const status = JSON.parse(readFileSync(statusPath, 'utf8'));
  const cpuBefore = cpuSeconds(status.supervisorPid);
  const startedMs = performance.now();
  closeSync(openSync(join(place, 'go'), 'w'));
  while (!existsSync(join(place, 'done'))) await sleep(5);
  const seconds = (performance.now() - startedMs) / 1000;
  const measured = {
    megabytesPerSecond: run.megabytes / seconds,
    cpuSeconds: (cpuSeconds(status.supervisorPid) - cpuBefore) / (run.megabytes / 1000),
    residentKilobytes: Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${status.supervisorPid}/status`, 'utf8'))?.[1]),
  };
  await engine.pauseContainer(id); // writes the status anew
  const { log } = JSON.parse(readFileSync(statusPath, 'utf8'));
  await engine.stopContainer(id, { timeoutMs: 0 });
  await engine.removeContainer(id, { volumes: true });
  return { ...measured, lostBytes: log?.lostBytes ?? 0 };
}

/** Of the process itself, without its children. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function print(name: string, { megabytesPerSecond, cpuSeconds: cpu, residentKilobytes, lostBytes }: Measured): void {
  const more = cpu === undefined ? '' : `${cpu.toFixed(1).padStart(8)} s/GB${String(residentKilobytes).padStart(8)} kB`;
  const lost = lostBytes ? `${(lostBytes / 1e6).toFixed(0).padStart(8)} MB dropped` : '';
  process.stdout.write(`${name.padEnd(36)}${megabytesPerSecond.toFixed(0).padStart(6)} MB/s${more}${lost}\n`);
}

if (import.meta.main) await benchLogs(Number(process.argv[2] ?? 200));

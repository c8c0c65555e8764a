// timeout: 600s
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture } from '../engine-fixture.ts';

const lineCount = 1_000_000;
const rounds = 30;
const restMs = 30_000;

test('a container that writes as fast as it can loses no line, and its supervisor does not grow with what it serves', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('loud', {
    command: ['sh', '-c', `seq ${lineCount}; echo done; read nothing`],
    stdin_open: true,
    stop_signal: 'SIGKILL',
    logging: { options: { 'max-size': '1g' } },
  });
  await fixture.engine.startContainer(id);
  const run = join(fixture.root, 'run', 'containers', id.slice(0, 24));
  const { supervisorPid } = JSON.parse(readFileSync(join(run, 'status.json'), 'utf8'));
  for await (const entry of fixture.engine.logs(id, { follow: true, tail: 1 })) if (entry.text === 'done') break;
  await served(fixture, id);
  const before = privateBytes(supervisorPid);
  for (let round = 0; round < rounds; round++) await served(fixture, id);
  assert.is(await firstWrongLine(join(fixture.root, 'containers', id, 'log')), lineCount + 1);
  const growth = privateBytes(supervisorPid) - before;
  assert.ok(growth < 128 * 1024, `grew by ${growth} bytes over ${rounds} rounds`);
  assert.ok(before < 1024 * 1024, `${before} bytes`);
  assert.ok(await isSmallAtRest(supervisorPid), `${residentBytes(supervisorPid)} bytes resident`);
  assert.equal(zombiesOf(supervisorPid), []);
});

/** One of each that a supervisor does for others. */
async function served(fixture: Awaited<ReturnType<typeof engineFixture>>, id: string): Promise<void> {
  assert.is((await fixture.exec(id, 'echo hello')).output, 'hello\n');
  await fixture.engine.pauseContainer(id);
  await fixture.engine.unpauseContainer(id);
}

/** Number of the first line that is not its own number; the log is Docker's json-file. */
async function firstWrongLine(path: string): Promise<number> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    number++;
    if (!line.startsWith(`{"log":"${number}\\n"`)) return number;
  }
  return number + 1;
}

/** With a C library of its own that others share, resident memory says nothing. */
function isStatic(pid: number): boolean {
  return !/libc[.-]/.test(readFileSync(`/proc/${pid}/maps`, 'utf8'));
}

/** Whether less than a MiB is resident, once nothing has happened for a moment. */
async function isSmallAtRest(pid: number): Promise<boolean> {
  const end = performance.now() + restMs;
  const isSmall = () => !isStatic(pid) || residentBytes(pid) < 1024 * 1024;
  while (!isSmall() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
  return isSmall();
}

function residentBytes(pid: number): number {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
}

function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kib]) => sum + Number(kib) * 1024, 0);
}

function zombiesOf(pid: number): readonly string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.filter((child) => /^State:\s+Z/m.test(readFileSync(`/proc/${child}/status`, 'utf8')));
}

test.run();

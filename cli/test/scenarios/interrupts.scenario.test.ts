// timeout: 240s
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProgram } from '../scenario/program.ts';
import { eventually, expect, scenario, type World } from '../scenario.ts';

const stack = `
services:
  one: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL }
  two: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, depends_on: [one] }
  slow:
    image: "tscompose/busybox:1"
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    healthcheck: { test: ["CMD", "test", "-e", "/ready"], interval: 1s, retries: 1000 }
  last: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, depends_on: { slow: { condition: service_healthy } } }
`;

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'tscompose');

/** Starts `up -d`, which waits for `slow` for ever, and returns it when that is all that is left. */
async function waitingUp(world: World) {
  const up = startProgram(['up', '-d'], world);
  await eventually(async () => {
    await expect.state('two', 'running')(world);
    await expect.state('slow', 'running')(world);
  }, 20_000)(world);
  return up;
}

/** Makes `slow` healthy and lets the next `up` finish. */
async function completes(world: World): Promise<void> {
  await world.run('exec', '-T', 'slow', 'touch', '/ready');
  const up = await world.run('up', '-d');
  assert.is(up.status, 0, up.stderr);
  for (const service of ['one', 'two', 'slow', 'last']) await expect.state(service, 'running')(world);
  assert.is((await world.run('down', '-t', '0')).status, 0);
  assert.equal(await world.containers(), []);
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 130],
] as const) {
  scenario(`${signal} ends up -d, and the next up completes it`)
    .images('busybox')
    .project({ 'compose.yaml': stack })
    .act(signal, async (world) => {
      const up = await waitingUp(world);
      up.kill(signal);
      const ended = await up.finished;
      assert.is(ended.status, status, ended.stderr);
      assert.not.match(ended.stderr, /This is a bug/);
      await completes(world);
    })
    .test();
}

scenario('a terminal that goes away (SIGHUP) leaves nothing that the next up cannot complete')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('SIGHUP', async (world) => {
    const up = await waitingUp(world);
    up.kill('SIGHUP');
    assert.is.not((await up.finished).status, 0);
    await completes(world);
  })
  .test();

scenario('the launcher may be killed: up says so and the next one completes')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('kill -9 of the launcher', async (world) => {
    const up = await waitingUp(world);
    const launchers = launchersOf(world);
    assert.ok(launchers.length > 0, 'no launcher runs');
    for (const pid of launchers) process.kill(pid, 'SIGKILL');
    await world.run('exec', '-T', 'slow', 'touch', '/ready');
    const ended = await up.finished;
    assert.not.match(ended.stderr, /This is a bug/);
    await completes(world);
  })
  .test();

scenario('two commands on one project wait for each other and say so; another project does not wait')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('two ups', async (world) => {
    const first = await waitingUp(world);
    const second = startProgram(['up', '-d'], world);
    await eventually(() => assert.match(second.output().stderr, /cli\.waiting-for-lock/), 20_000)(world);
    const other = await world.run('-p', 'other', 'up', '-d', 'one');
    assert.is(other.status, 0, other.stderr);
    assert.is((await world.run('-p', 'other', 'down', '-t', '0')).status, 0);
    await world.run('exec', '-T', 'slow', 'touch', '/ready');
    assert.is((await first.finished).status, 0);
    assert.is((await second.finished).status, 0);
    await completes(world);
  })
  .test();

scenario('a reader that closes early is no error to shout about')
  .images('busybox')
  .project({
    'compose.yaml': stack
      .replace('interval: 1s', 'interval: 1s, disable: true')
      .replace('condition: service_healthy', 'condition: service_started'),
  })
  .step('up', ['up', '-d'])
  .act('output into a closed pipe', (world) => {
    for (const command of ['ps -a', 'config', 'logs', 'plan', 'down -t 0']) {
      const { stderr } = spawnSync(
        'sh',
        ['-c', `${program} ${command} | head -0; ${program} ${command} 2>&1 | head -1 >/dev/null`],
        {
          cwd: world.directory,
          env: { ...process.env, TSCOMPOSE_DEV: '1', TSCOMPOSE_ROOT: world.root },
          encoding: 'utf8',
        },
      );
      assert.not.match(stderr, /EPIPE|This is a bug/, command);
    }
  })
  .step('what was asked was done', ['ps', '-aq'], expect.stdout(/^$/))
  .test();

/** Launchers that belong to commands on this scenario's state root, by the command's environment. */
function launchersOf(world: World): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent] = /^ *(\d+) +(\d+) .*tscompose-supervisor launch$/.exec(line) ?? [];
    const isOurs = parent !== undefined && environment(parent).includes(`TSCOMPOSE_ROOT=${world.root}\0`);
    return pid !== undefined && isOurs ? [Number(pid)] : [];
  });
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

test.run();

// timeout: 600s
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProgram } from '../scenario/program.ts';
import { supervisorStatus } from '../scenario/supervisor-status.ts';
import { eventually, expect, scenario, type World } from '../scenario.ts';

const stack = `
services:
  one: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, ports: ["18083:80"] }
  two: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, volumes: ["data:/data"], depends_on: [one] }
  three: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, networks: [side, default], depends_on: [two] }
networks: { side: {} }
volumes: { data: {} }
`;

const services = ['one', 'two', 'three'];

/** Moments of a command at which it is killed: its whole course in small steps. */
const places = 12;

/** How long a command takes; a shorter time than before corrects it, for the machine may be busy with other work. */
interface Course {
  ms: number;
}

/** Kills the command with SIGKILL after this part of its course; false when it had ended before. */
async function killedAt(
  world: World,
  argv: readonly string[],
  { course, part }: { course: Course; part: number },
): Promise<boolean> {
  const running = startProgram(argv, world);
  await new Promise((resolve) => setTimeout(resolve, (course.ms * part) / places));
  running.kill('SIGKILL');
  const ended = await running.finished;
  if (ended.status === 137) return true;
  course.ms = Math.min(course.ms, ended.ms);
  return false;
}

async function allRun(world: World): Promise<void> {
  const containers = await world.containers();
  assert.equal(containers.map((one) => `${one.service} ${one.state}`).sort(), services.map((one) => `${one} running`).sort());
  const finds = await world.run('exec', '-T', 'three', 'nslookup', 'one');
  assert.is(finds.status, 0, finds.stdout + finds.stderr);
}

scenario('a command killed at any point is completed by the next one')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('up killed in many places', async (world) => {
    const course: Course = { ms: (await world.run('up', '-d')).ms };
    assert.is((await world.run('down', '-v')).status, 0);
    let killed = 0;
    for (let part = 1; part <= places; part++) {
      if (await killedAt(world, ['up', '-d'], { course, part })) killed++;
      const up = await world.run('up', '-d');
      assert.is(up.status, 0, `up after a kill at ${part}/${places}:\n${up.stderr}`);
      await allRun(world);
      const down = await world.run('down', '-v');
      assert.is(down.status, 0, `down after a kill at ${part}/${places}:\n${down.stderr}`);
      assert.equal(await world.containers(), []);
    }
    assert.ok(killed >= places / 3, `only ${killed} of ${places} kills hit a running command`);
  })
  .act('down killed in many places', async (world) => {
    await world.run('up', '-d');
    const course: Course = { ms: (await world.run('down', '-v')).ms };
    let killed = 0;
    for (let part = 1; part <= places; part++) {
      const up = await world.run('up', '-d');
      assert.is(up.status, 0, up.stderr);
      if (await killedAt(world, ['down', '-v'], { course, part })) killed++;
      const down = await world.run('down', '-v');
      assert.is(down.status, 0, `down after a kill at ${part}/${places}:\n${down.stderr}`);
      assert.equal(await world.containers(), []);
    }
    assert.ok(killed >= places / 3, `only ${killed} of ${places} kills hit a running command`);
  })
  .test();

scenario('a supervisor that is killed is noticed, cleaned up after and replaced')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .step('up', ['up', '-d'])
  .act('kill the supervisor of one', async (world) => {
    process.kill((await supervisorStatus(world, 'one')).supervisorPid, 'SIGKILL');
    await eventually(expect.state('one', 'dead'))(world);
  })
  .step(
    'up tells it and starts it again, the others stay',
    ['up', '-d'],
    expect.stderr(/warning: the supervisor of container "app-one-1" was killed/),
    expect.state('one', 'running'),
    expect.notRecreated('two', 'three'),
  )
  .act('all is as before', allRun)
  .test();

scenario('after a reboot up brings everything back')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .step('up', ['up', '-d'])
  .step('something is written', ['exec', '-T', 'two', 'sh', '-c', 'echo kept > /data/file; echo layer > /root-file'])
  .act('all processes and the volatile state are gone', async (world) => {
    for (const service of services) {
      const status = await supervisorStatus(world, service);
      process.kill(status.supervisorPid, 'SIGKILL');
      process.kill(status.pid, 'SIGKILL');
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rm(join(world.root, 'run'), { recursive: true });
  })
  .step('nothing runs', ['ps', '-q'], expect.stdout(/^$/))
  .step('up', ['up', '-d'], expect.notRecreated(...services))
  .act('all is as before', allRun)
  .step('data is there', ['exec', '-T', 'two', 'cat', '/data/file', '/root-file'], expect.stdout(/^kept\nlayer\n$/))
  .test();

test.run();

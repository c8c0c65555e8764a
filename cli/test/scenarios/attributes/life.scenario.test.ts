// timeout: 600s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { probe } from '../../scenario/probe.ts';
import { eventually, expect, scenario, type World } from '../../scenario.ts';

const image = 'image: tscompose/busybox:1, stop_signal: SIGKILL';
const patience = 60_000;

/** Lines of a service's log, without prefixes. */
async function said(world: World, service: string): Promise<readonly string[]> {
  return (await world.run('logs', '--no-log-prefix', service)).stdout.split('\n').filter((line) => line !== '');
}

const fileOf = (world: World, name: string) => readFileSync(join(world.directory, name), 'utf8');

scenario('life: restarts end when their policy says so, and hooks run around it')
  .images('busybox')
  .project({
    'seen/.keep': '',
    'compose.yaml': `services:
  never: { ${image}, command: [sh, -c, 'echo run; exit 3'] }
  thrice: { ${image}, command: [sh, -c, 'echo run; exit 3'], restart: "on-failure:2" }
  good: { ${image}, command: [sh, -c, 'echo run; exit 0'], restart: on-failure }
  any:
    image: tscompose/busybox:1
    command: [sh, -c, 'echo run; exit 0']
    deploy: { restart_policy: { condition: any, delay: 10ms, max_attempts: 3, window: 60s } }
  failing: { ${image}, command: [sh, -c, 'echo run; exit 3'], deploy: { restart_policy: { condition: on-failure, delay: 10ms, max_attempts: 1 } } }
  once: { ${image}, command: [sh, -c, 'echo run; exit 3'], restart: always, deploy: { restart_policy: { condition: none } } }
  again: { ${image}, command: [sh, -c, 'echo run; sleep 0.3'], restart: always }
  hooked:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    volumes: [./seen:/seen]
    environment: { OWN: service }
    post_start:
      - { command: [sh, -c, 'id -u > /seen/post; echo $$OWN $$MORE >> /seen/post; pwd >> /seen/post'], user: "7", working_dir: /tmp, environment: { MORE: hook } }
      - { command: [sh, -c, 'cat /seen/post > /seen/second'], privileged: true }
    pre_stop:
      - { command: [sh, -c, 'echo stopping > /seen/pre'] }
  healthy: { ${image}, command: [sleep, "1000"], healthcheck: { test: [CMD, test, -f, /tmp/ready], interval: 200ms, start_period: 600s, start_interval: 100ms } }
  off: { ${image}, command: [sleep, "1000"], healthcheck: { disable: true } }
  image:
    <<: &checked
      stop_signal: SIGKILL
      command: [sleep, "1000"]
      build: { dockerfile_inline: "FROM tscompose/busybox:1\\nHEALTHCHECK --interval=200ms --timeout=60s CMD test -f /tmp/ready\\n" }
    healthcheck: { timeout: 30s }
  none: { <<: *checked, healthcheck: { test: [NONE] } }
  shell: { ${image}, command: [sleep, "1000"], healthcheck: { test: "exit 1", interval: 100ms, retries: 2 } }
`,
  })
  .act('seen may be written by user 7', async (world) => {
    const { chmodSync } = await import('node:fs');
    chmodSync(join(world.directory, 'seen'), 0o777);
  })
  .step('up', ['up', '-d'])
  .act(
    'runs are counted',
    eventually(async (world) => {
      assert.is((await said(world, 'never')).length, 1, 'never');
      assert.is((await said(world, 'thrice')).length, 3, 'thrice');
      assert.is((await said(world, 'good')).length, 1, 'good');
      assert.is((await said(world, 'any')).length, 4, 'any');
      assert.is((await said(world, 'failing')).length, 2, 'failing');
      assert.is((await said(world, 'once')).length, 1, 'once');
      assert.ok((await said(world, 'again')).length > 1, 'again');
      for (const service of ['never', 'thrice']) await expect.exitCode(service, 3)(world);
    }, patience),
  )
  .act('post_start ran in order, as its own user with its own environment', (world) =>
    assert.is(fileOf(world, 'seen/second'), '7\nservice hook\n/tmp\n'),
  )
  .act('health follows the check', async (world) => {
    for (const service of ['healthy', 'image']) await world.run('exec', '-T', service, 'touch', '/tmp/ready');
    await eventually(async () => {
      for (const service of ['healthy', 'image']) await expect.healthy(service)(world);
      const health = Object.fromEntries((await world.containers()).map((one) => [one.service, one.health]));
      assert.equal([health['off'], health['none']], ['', '']);
      assert.is(health['shell'], 'unhealthy');
    }, patience)(world);
  })
  .step('stop', ['stop', 'hooked', 'again'], expect.state('again', 'exited'))
  .act('pre_stop ran', (world) => assert.is(fileOf(world, 'seen/pre'), 'stopping\n'))
  .test();

scenario('life: dependencies are waited for, and with restart: true they take their dependents along')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  init: { ${image}, command: [sh, -c, 'sleep 0.3; echo done > /data/init'], volumes: [data:/data] }
  base: { ${image}, command: [sleep, "1000"], healthcheck: { test: [CMD, test, -f, /data/init], interval: 100ms, retries: 10000 }, volumes: [data:/data], environment: { V: "1" } }
  web:
    image: tscompose/busybox:1
    stop_signal: SIGKILL
    command: [sh, -c, 'cat /data/init; echo started; sleep 1000']
    volumes: [data:/data]
    depends_on:
      init: { condition: service_completed_successfully }
      base: { condition: service_healthy, restart: true }
  beside: { ${image}, command: [sleep, "1000"], depends_on: { base: { condition: service_started } } }
  optional: { ${image}, command: [sleep, "1000"], depends_on: { failing: { condition: service_completed_successfully, required: false } } }
  failing: { ${image}, command: ["false"] }
volumes: { data: {} }
`,
  })
  .step('up', ['up', '-d'], expect.state('web', 'running'), expect.state('optional', 'running'))
  .act(
    'web came after init and base',
    eventually(async (world) => assert.equal(await said(world, 'web'), ['done', 'started']), patience),
  )
  .step('restart of the base restarts what asked for it', ['restart', 'base'], expect.notRecreated('web', 'beside'))
  .act(
    'web ran twice',
    eventually(async (world) => assert.is((await said(world, 'web')).length, 4), patience),
  )
  .act('beside ran once', probe('beside', [['echo same', 'same']]))
  .test();

test.run();

// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually, expect, scenario } from '../scenario.ts';

const stack = (colour: string): string => `
services:
  web:
    image: tscompose/busybox:1
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    labels: { team: blue }
    environment: { COLOUR: ${colour} }
    stop_grace_period: 5s
  greedy:
    image: tscompose/busybox:1
    command: ["sh", "-c", "sleep 0.3; dd if=/dev/zero of=/dev/null bs=100M count=1; echo $$?; exit 9"]
    mem_limit: 24m
    restart: on-failure:1
`;

/** Actions of the lines that `events --json` printed about a service. */
function actions(text: string, service: string): string[] {
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { action: string; service: string });
  return events.filter((one) => one.service === service).map((one) => one.action);
}

scenario('events and why tell what happened, also when no command was there')
  .images('busybox')
  .project({ 'compose.yaml': stack('red') })
  .start('events follows', ['events', '--json', 'web'])
  .act('up', async (world) => {
    // It may begin to follow at any moment: what it has seen of this service is enough to know that it does.
    await eventually(async () => {
      assert.is((await world.run('up', '-d', '--force-recreate', 'web')).status, 0);
      assert.ok(actions(world.running?.output().stdout ?? '', 'web').includes('start'));
    }, 120_000)(world);
  })
  .signal('until Ctrl-C', 'SIGINT', expect.exit(130), expect.stdout(/"team":"blue"/), expect.stdout(/"time":"[^"]+\.\d{9}Z"/))
  .step('a container ends again and again', ['up', '-d', 'greedy'])
  .act('until its policy gives up', eventually(expect.state('greedy', 'exited'), 120_000))
  .edit('the definition changes', { 'compose.yaml': stack('blue') })
  .step('up', ['up', '-d', 'web'])
  .step('pause', ['pause', 'web'])
  .step('unpause', ['unpause', 'web'])
  .step('restart', ['restart', 'web'])
  .step('kill', ['kill', '-s', 'TERM', 'web'])
  .act('ends it', eventually(expect.state('web', 'exited'), 120_000))
  .step('down', ['down'])
  .step('the past is still there', ['events', '--json', '--since', '1h', '--until', '0s'])
  .act('event by event', (world) => {
    const all = actions(world.last.stdout, 'web');
    const from = all.lastIndexOf('create');
    assert.equal(
      all.slice(from).filter((one) => one !== 'rename'),
      [
        ...['create', 'kill', 'die', 'stop', 'destroy', 'start', 'pause', 'unpause'],
        ...['kill', 'die', 'stop', 'start', 'restart', 'kill', 'die', 'destroy'],
      ],
    );
    // Whether the kernel or its own script ends it is a matter of the machine's swap.
    const greedy = actions(world.last.stdout, 'greedy').filter((one) => one !== 'oom');
    assert.equal(greedy, ['create', 'start', 'die', 'start', 'die', 'destroy']);
  })
  .step(
    'why has the reasons',
    ['why', 'web'],
    expect.stdout(/^web has no container\n/),
    expect.stdout(/"up" makes it: its definition changed \(environment\.COLOUR: "red" → "blue"\)/),
    expect.stdout(/"restart" stops it: it was asked to/),
    expect.stdout(/gets SIGTERM\n[^\n]*ended by itself without an error/),
    expect.stdout(/"down" removes it/),
  )
  .step(
    'and the ends',
    ['why', 'greedy'],
    expect.stdout(/(exit code \d+\)|failed with exit code \d+).*; its restart policy starts it again/),
  )
  .step('of a service that was never there', ['why', 'nosuch'], expect.exit(1), expect.stderr(/no such service: nosuch/))
  .test();

test.run();

// timeout: 300s
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import { expect, scenario } from '../scenario.ts';

const services = ['one', 'two'];
const stack = `
services:
  one: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, restart: always, ports: ["21510:80"] }
  two: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, restart: always, depends_on: [one] }
`;

scenario('containers that run while their volatile directory is gone are known, ended and started again')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .step('up', ['up', '-d'])
  .act('somebody empties the directory', async (world) => rm(join(world.root, 'run'), { recursive: true }))
  .step('ps does not call them stopped', ['ps', '-a'], expect.state('one', 'dead'), expect.state('two', 'dead'))
  .step(
    'up tells it and starts them anew',
    ['up', '-d'],
    expect.stderr(/warning: container "app-two-1" runs, but its directory .* is gone/),
    expect.notRecreated(...services),
  )
  .step('they see each other', ['exec', '-T', 'two', 'nslookup', 'one'])
  .act('and again', async (world) => rm(join(world.root, 'run'), { recursive: true }))
  .step('down removes everything, processes too', ['down', '-v'], ...services.map((name) => expect.absent(name)))
  .test();

test.run();

// timeout: 600s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../../scenario.ts';

const compose = (second: string) => `services:
  db: { image: tscompose/busybox:1, command: [sleep, "1000"], stop_signal: SIGKILL }
  web:
    image: tscompose/busybox:1
    stop_signal: SIGKILL
    command: [sleep, "1000"]
    scale: 2
    user: "7"
    environment: { OWN: service }
    volumes: [data:/data, ./seen:/seen]
    depends_on: [db]
    pre_start:
      - { command: [sh, -c, 'ping -c1 -w20 db > /dev/null && echo "$$(id -u) $$OWN $$MORE" >> /seen/log && echo kept > /data/file; echo I am first'], user: root, environment: { MORE: hook } }
      - { command: [sh, -c, '${second}'], user: root }
volumes: { data: {} }
`;

scenario('pre_start hooks run once, in order, before the first replica, and stop the service when they fail')
  .images('busybox')
  .project({ 'seen/.keep': '', 'compose.yaml': compose('cat /data/file >> /seen/log; echo broken; exit 4') })
  .step(
    'the second hook fails',
    ['up'],
    expect.exit(1),
    expect.stdout(/^Attaching to db-1, web-1, web-2$/m),
    expect.stdout(/^web pre_start\[0\] -> +\| I am first$/m),
    expect.stderr(/service "web" pre_start\[1\] exited with code 4: broken \(hook container app-web-pre_start-1 retained/),
    expect.state('db', 'running'),
    async (world) =>
      assert.equal(
        (await world.containers())
          .filter((one) => one.service === 'web')
          .map((one) => `${one.name} ${one.state}`)
          .sort(),
        ['app-web-1 created', 'app-web-2 created', 'app-web-pre_start-1 exited'],
      ),
  )
  .step('what it printed can be looked up', ['logs', 'web'], expect.stdout(/^web pre_start\[1\] -> +\| broken$/m))
  .edit('the hook is corrected', { 'compose.yaml': compose('cat /data/file >> /seen/log') })
  .step('up goes on', ['up', '-d'], expect.state('web', 'running'), expect.replicas('web', 2))
  .act('each ran as it says, with the network and the volumes of the service', (world) =>
    assert.is(readFileSync(join(world.directory, 'seen/log'), 'utf8'), '0 service hook\nkept\n0 service hook\nkept\n'),
  )
  .step('nothing is left to do', ['up', '-d'], expect.notRecreated('web'))
  .act('and no hook ran again', (world) =>
    assert.is(readFileSync(join(world.directory, 'seen/log'), 'utf8').split('\n').length, 5),
  )
  .test();

test.run();

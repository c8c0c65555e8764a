// timeout: 240s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { supervisorStatus } from '../scenario/supervisor-status.ts';
import { eventually, expect, scenario } from '../scenario.ts';

const stack = (colour: string, port = 18081): string => `
services:
  web:
    image: tscompose/busybox:1
    command: ["sh", "-c", "mkdir -p /www && echo hello > /www/index.html && echo serving && exec httpd -f -p 80 -h /www"]
    ports: ["127.0.0.1:${port}:80"]
    environment:
      COLOUR: ${colour}
      DB_PASSWORD: pass-${colour}
    depends_on:
      store: { condition: service_healthy }
    healthcheck: { test: "wget -q -O /dev/null http://127.0.0.1/", interval: 1s, start_period: 300s, start_interval: 100ms }
    stop_grace_period: 500ms
  store:
    image: tscompose/busybox:1
    init: false
    command: ["sh", "-c", "trap 'exit 0' TERM; echo store ready > /data/ready; date +%s >> /data/starts; while :; do sleep 0.1; done"]
    volumes: ["kept:/data"]
    healthcheck: { test: ["CMD", "test", "-f", "/data/ready"], interval: 1s, start_period: 300s, start_interval: 100ms }
volumes:
  kept: {}
`;

scenario('a stack comes up in order, stays as it is, changes only where it changed, and goes down without a trace')
  .images('busybox')
  .project({ 'compose.yaml': stack('red') })
  .step('plan says what up would do and does nothing', ['plan', '--exit-code'], expect.exit(2), expect.absent('web'))
  .step(
    'up -d --wait brings every service up and healthy',
    ['up', '-d', '--wait'],
    expect.healthy('web'),
    expect.healthy('store'),
  )
  .step(
    'the published port answers',
    ['port', 'web', '80'],
    expect.stdout(/127\.0\.0\.1:18081/),
    expect.http('http://127.0.0.1:18081/', /hello/),
  )
  .step(
    'a service finds the other by its name',
    ['exec', '-T', 'store', 'wget', '-q', '-O', '-', 'http://web/'],
    expect.stdout(/hello/),
  )
  .step('the same up again changes nothing', ['up', '-d'], expect.notRecreated('web', 'store'))
  .step('and the plan has nothing to do', ['plan', '--exit-code'], expect.exit(0))
  .edit('one environment variable of web changes', { 'compose.yaml': stack('blue') })
  .step(
    'the plan names the key with its old and new value, but no secret',
    ['plan'],
    expect.stdout(/environment\.COLOUR/),
    expect.stdout(/red/),
    expect.stdout(/blue/),
    expect.noOutput(/pass-(red|blue)/),
  )
  .step(
    'up recreates that service only',
    ['up', '-d', '--wait'],
    expect.recreated('web'),
    expect.notRecreated('store'),
    expect.inside('web', ['sh', '-c', 'echo $COLOUR'], /blue/),
  )
  .step('logs shows what services wrote, with their names', ['logs', '--no-color'], expect.stdout(/^web-1 +\| serving$/m))
  .step('logs of one service only', ['logs', '--no-color', '--no-log-prefix', 'web'], expect.stdout(/^serving$/m))
  .step('stop ends all', ['stop'], expect.state('web', 'exited'), expect.state('store', 'exited'), expect.exitCode('store', 0))
  .step('ps shows only what runs', ['ps', '-q'], expect.stdout(/^$/))
  .step('start brings the same containers back', ['start', '--wait'], expect.notRecreated('web', 'store'), expect.healthy('web'))
  .step(
    'restart of one service leaves the other alone',
    ['restart', 'store'],
    expect.notRecreated('store'),
    expect.state('web', 'running'),
  )
  .step('the volume has seen three starts', ['exec', '-T', 'store', 'cat', '/data/starts'], expect.stdout(/^\d+\n\d+\n\d+\n$/))
  .step('down removes containers and networks', ['down'], expect.absent('web'), expect.absent('store'))
  .step('up again after down', ['up', '-d', '--wait'], expect.state('web', 'running'))
  .step('finds the volume as it was', ['exec', '-T', 'store', 'cat', '/data/starts'], expect.stdout(/^\d+\n\d+\n\d+\n\d+\n$/))
  .step('down -v removes the volume too', ['down', '-v'])
  .step('so that a new one is empty', ['up', '-d', '--wait', 'store'], expect.absent('web'))
  .step('and has seen one start', ['exec', '-T', 'store', 'cat', '/data/starts'], expect.stdout(/^\d+\n$/))
  .test();

scenario('exec runs processes with the service’s environment, user and directory and passes the exit code')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  box:
    image: tscompose/busybox:1
    command: ["sleep", "1000"]
    user: "1000:1000"
    working_dir: /tmp
    environment: { NAME: value }
`,
  })
  .step('up', ['up', '-d'])
  .step(
    'user, directory and environment',
    ['exec', '-T', 'box', 'sh', '-c', 'id -u; pwd; echo $NAME'],
    expect.stdout(/^1000\n\/tmp\nvalue\n$/),
  )
  .step(
    'options of exec win',
    ['exec', '-T', '-u', '0', '-w', '/', '-e', 'NAME=other', 'box', 'sh', '-c', 'id -u; pwd; echo $NAME'],
    expect.stdout(/^0\n\/\nother\n$/),
  )
  .step('its exit code is ours', ['exec', '-T', 'box', 'sh', '-c', 'exit 7'], expect.exit(7))
  .step('a program that is not there', ['exec', '-T', 'box', 'no-such-program'], expect.exit(127))
  .step(
    'stderr stays stderr',
    ['exec', '-T', 'box', 'sh', '-c', 'echo out; echo err >&2'],
    expect.stdout(/^out\n$/),
    expect.stderr(/^err\n$/),
  )
  .step('a service that does not exist', ['exec', '-T', 'bx', 'true'], expect.exit(1), expect.stderr(/bx/))
  .test();

scenario('up in the foreground shows prefixed logs and stops in order at Ctrl-C')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  talker:
    image: tscompose/busybox:1
    command: ["sh", "-c", "trap 'echo leaving; exit 3' TERM; echo started; while :; do sleep 0.1; done"]
  short:
    image: tscompose/busybox:1
    command: ["sh", "-c", "echo short life; exit 5"]
`,
  })
  .start(
    'up stays',
    ['up'],
    eventually(expect.stdout(/^talker-1 +\| started$/m), 10_000),
    eventually(expect.stdout(/^short-1 +\| short life$/m), 10_000),
    eventually(expect.stdout(/short-1 exited with code 5/), 10_000),
  )
  .signal(
    'Ctrl-C stops everything and ends with 130',
    'SIGINT',
    expect.exit(130),
    expect.state('talker', 'exited'),
    expect.exitCode('talker', 3),
  )
  .step('the containers are still there', ['ps', '-a', '-q'], expect.stdout(/^[0-9a-f]{64}\n[0-9a-f]{64}\n$/))
  .test();

scenario('a service that ends is started again as its policy says')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  crash:
    image: tscompose/busybox:1
    command: ["sh", "-c", "echo life; sleep 0.2; exit 9"]
    restart: on-failure:2
  steady:
    image: tscompose/busybox:1
    command: ["sleep", "1000"]
    stop_grace_period: 200ms
    restart: always
`,
  })
  .step('up', ['up', '-d'])
  .act('on-failure:2 makes three lives', eventually(expect.state('crash', 'exited'), 15_000))
  .step(
    'three lives in its log',
    ['logs', '--no-log-prefix', 'crash'],
    expect.stdout(/^life\nlife\nlife\n$/),
    expect.exitCode('crash', 9),
  )
  .act('a killed process comes back as a new one', async (world) => {
    const first = (await supervisorStatus(world, 'steady')).pid;
    process.kill(first, 'SIGKILL');
    await eventually(async () => {
      const { pid, state, restartCount } = await supervisorStatus(world, 'steady');
      assert.is(state, 'running');
      assert.is.not(pid, first);
      assert.is(restartCount, 1);
    }, 10_000)(world);
  })
  .step('a service stopped by hand stays stopped', ['stop', 'steady'], expect.state('steady', 'exited'))
  .test();

test.run();

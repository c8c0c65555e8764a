// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startInTerminal } from '../scenario/terminal.ts';
import { eventually, expect, scenario } from '../scenario.ts';

const stack = `
services:
  web:
    image: tscompose/busybox:1
    command: ["sleep", "1000"]
    container_name: fixed
    environment: { NAME: value }
    depends_on: { db: { condition: service_healthy } }
    ports: ["127.0.0.1:23010:80"]
    restart: always
    stop_grace_period: 1s
  db:
    image: tscompose/busybox:1
    command: ["sleep", "1000"]
    init: true
    stop_grace_period: 1s
    healthcheck: { test: "true", interval: 1s, start_period: 10s, start_interval: 100ms }
`;

scenario('run makes one container of a service, with its dependencies, and ends as its process ends')
  .images('busybox')
  .project({ 'compose.yaml': stack, 'vars.env': 'FROM_FILE=file\nNAME=file\n' })
  .step(
    'the exit code is the process’s, output and errors keep apart, dependencies are up and healthy',
    ['run', '--rm', '--quiet', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 7'],
    expect.exit(7),
    expect.stdout(/^out\n$/),
    expect.stderr(/^err\n$/),
    expect.healthy('db'),
    expect.absent('web'),
  )
  .act('standard input reaches it, and its end', async (world) => {
    const { status, stdout } = await world.feed('one\ntwo\n', 'run', '--rm', '-T', 'web', 'wc', '-l');
    assert.equal({ status, stdout: stdout.trim() }, { status: 0, stdout: '2' });
  })
  .step(
    'options win over the file',
    [
      ...['run', '--rm', '-u', '1000:1000', '-w', '/tmp', '-e', 'NAME=given', '--env-from-file', 'vars.env', '-l', 'a=b'],
      ...['-v', './vars.env:/mnt/vars:ro', '--cap-drop', 'CHOWN', 'web', 'sh', '-c'],
      'id -u; pwd; echo $NAME $FROM_FILE; cat /mnt/vars; grep CapBnd /proc/self/status',
    ],
    expect.stdout(/^1000\n\/tmp\ngiven file\nFROM_FILE=file\nNAME=file\nCapBnd:\t0+a80425fa\n$/),
  )
  .step(
    'an entrypoint takes the place of the command',
    ['run', '--rm', '--entrypoint', 'echo "a b"', 'web'],
    expect.stdout(/^a b\n$/),
  )
  .step(
    'a program that is not there',
    ['run', '--rm', 'web', 'nope'],
    expect.exit(127),
    expect.stderr(/nope/),
    expect.stdout(/^$/),
  )
  .step(
    'in the background it prints its id, publishes what is asked for, and has the name that was given',
    [
      'run',
      '-d',
      '--rm',
      '--name',
      'mine',
      '-p',
      '127.0.0.1:23011:80',
      'web',
      'sh',
      '-c',
      'echo hello > /i; httpd -f -h / -p 80',
    ],
    expect.stdout(/^[0-9a-f]{64}\n$/),
    eventually(expect.http('http://127.0.0.1:23011/i', /hello/), 120_000),
  )
  .step('ps shows one-offs only with -a', ['ps', '-q', 'web'], expect.stdout(/^$/))
  .step('and -a does', ['ps', '-a', '--format', '{{.Name}} {{.Service}}', 'web'], expect.stdout(/^mine web\n$/))
  .step('killed, it is gone', ['kill', 'web'])
  .act('and nobody sees it any more', eventually(expect.absent('web'), 120_000))
  .step('without --rm it stays', ['run', '--no-deps', '--name', 'kept', 'web', 'true'], expect.exitCode('web', 0))
  .step('the ports of the service only with -P', ['run', '--rm', '-d', '-P', 'web', 'sleep', '1000'])
  .step('its port is the service’s', ['port', 'web', '80'], expect.stdout(/^127\.0\.0\.1:23010\n$/))
  .step('down takes one-offs along when asked', ['down', '--remove-orphans'], expect.absent('web'))
  .step(
    'a dry run shows the plan',
    ['run', '--dry-run', '--rm', 'web', 'true'],
    expect.stdout(/container app-web-run-\w+ start, requested/),
  )
  .test();

scenario('run and exec give a process a real terminal')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('run: raw keys, the size and its changes, Ctrl-C goes to the process', async (world) => {
    const shell = startInTerminal(['run', '--rm', '--no-deps', 'web', 'sh'], world);
    try {
      await shell.see(/# /);
      shell.type('tty; stty size\r');
      await shell.see(/\/dev\/(console|pts\/\d+)\r\n30 90\r\n/);
      shell.resize({ columns: 132, rows: 43 });
      shell.type('while [ "$(stty size)" != "43 132" ]; do sleep 0.1; done; echo resi""zed\r');
      await shell.see(/resized/);
      shell.type('echo sta""rted; sleep 1000\r');
      await shell.see(/started/);
      shell.type('\x03');
      await shell.see(/# /);
      shell.type('exit 9\r');
      assert.is(await shell.finished, 9);
    } finally {
      shell.close();
    }
  })
  .step('it was removed', ['ps', '-a', '-q'], expect.stdout(/^$/))
  .step('a service to execute in', ['up', '-d', '--no-deps', 'web'])
  .act('exec: the same', async (world) => {
    const shell = startInTerminal(['exec', 'web', 'sh'], world);
    try {
      await shell.see(/# /);
      shell.type('stty size\r');
      await shell.see(/30 90\r\n/);
      shell.resize({ columns: 100, rows: 20 });
      shell.type('while [ "$(stty size)" != "20 100" ]; do sleep 0.1; done; echo resi""zed\r');
      await shell.see(/resized/);
      shell.type('\x04');
      assert.is(await shell.finished, 0);
    } finally {
      shell.close();
    }
  })
  .test();

scenario('a signal that reaches run is the process’s')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .start(
    'run stays',
    [
      'run',
      '--rm',
      '--no-deps',
      'web',
      'sh',
      '-c',
      'trap "echo term; exit 5" TERM; trap "echo hup" HUP; echo ready; while :; do sleep 0.1; done',
    ],
    eventually(expect.stdout(/ready/), 120_000),
  )
  .act('SIGHUP', async (world) => {
    world.running?.kill('SIGHUP');
    await eventually(expect.stdout(/hup/), 120_000)(world);
  })
  .signal('SIGTERM', 'SIGTERM', expect.exit(5), expect.stdout(/term/))
  .test();

test.run();

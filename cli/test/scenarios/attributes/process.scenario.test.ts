// timeout: 600s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { probe } from '../../scenario/probe.ts';
import { eventually, expect, scenario } from '../../scenario.ts';

scenario('process: what a service says about its process is what runs')
  .images('busybox')
  .project({
    'file.env': 'FROM_FILE=file\nBOTH=file\n',
    'compose.yaml': `services:
  named:
    image: tscompose/busybox:1
    entrypoint: [sh, -c, 'trap "echo got hup" HUP; while :; do sleep 0.1; done']
    command: [zero, "one two"]
    user: app
    group_add: [shared, "4242"]
    working_dir: /home/app/made
    env_file: file.env
    environment: { BOTH: service, EMPTY: "", PATH: "/bin" }
    hostname: named-host
    domainname: example.test
    extra_hosts: ["far:10.1.2.3", "near:host-gateway"]
    container_name: a-name
    labels: { colour: red }
    annotations: { note: x }
    platform: linux/${process.arch === 'x64' ? 'amd64' : process.arch}
    stop_signal: SIGHUP
    stop_grace_period: 300ms
    expose: ["9000-9001", 53/udp]
    mac_address: 02:42:00:00:11:22
  numbered:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    user: "1234:5678"
    stop_signal: SIGKILL
    deploy: { replicas: 2 }
  first:
    image: tscompose/busybox:1
    init: true
    command: [sh, -c, 'trap "exit 7" TERM; (sleep 0.2 & exec sleep 0.1) & while :; do sleep 0.1; done']
  terminal:
    image: tscompose/busybox:1
    tty: true
    stdin_open: true
`,
  })
  .step('up', ['up', '-d'], expect.state('named', 'running'), expect.replicas('numbered', 2))
  .act(
    'named user, groups, directory, environment and names',
    probe('named', [
      ['id -u; id -g; id -G', '1000\n1000\n1000 2000 4242'],
      ['grep ^Groups /proc/1/status | tr "\\t" " "', /^Groups: 1000 2000 4242 ?$/],
      ['pwd; readlink /proc/1/cwd', '/home/app/made\n/home/app/made'],
      ['echo "$FROM_FILE $BOTH $EMPTY $HOME $PATH"', 'file service  /home/app /bin'],
      ['hostname; cat /etc/hostname', 'named-host\nnamed-host'],
      ['cat /proc/sys/kernel/domainname', 'example.test'],
      ['grep far /etc/hosts | tr "\\t" " "', '10.1.2.3 far'],
      ['grep near /etc/hosts | cut -f1', /^\d+\.\d+\.\d+\.\d+$/],
      ['tr "\\0" "\\n" < /proc/1/cmdline | tail -2', 'zero\none two'],
      ['echo $((1 + $(cat /proc/sys/kernel/overflowuid)))', '65535'],
      ['cat /sys/class/net/eth0/address', '02:42:00:00:11:22'],
    ]),
  )
  .act('names, labels, ports and annotations that are for others to see', async (world) => {
    const [seen] = JSON.parse((await world.run('inspect', 'named')).stdout);
    assert.is(seen.Name, '/a-name');
    assert.is(seen.Config.Labels.colour, 'red');
    assert.equal(Object.keys(seen.Config.ExposedPorts), ['53/udp', '9000/tcp', '9001/tcp']);
    const bundle = join(world.root, 'run/containers', seen.Id.slice(0, 24), 'config.json');
    assert.is(JSON.parse(readFileSync(bundle, 'utf8')).annotations.note, 'x');
  })
  .act(
    'numbers that no file knows',
    probe('numbered', [
      ['id -u; id -g', '1234\n5678'],
      ['grep ^Groups /proc/1/status /proc/self/status | cut -d: -f3 | tr -d "\\t "', '5678\n5678'],
      ['echo $HOME', '/'],
    ]),
  )
  .act(
    'an init of our own, which reaps and is read-only',
    probe('first', [
      ['tr "\\0" " " < /proc/1/cmdline | cut -c1-26', '/sbin/docker-init -- sh -c'],
      ['sleep 0.5; grep -l "^State:.Z" /proc/[0-9]*/status', ''],
      ['touch /sbin/docker-init', /[Rr]ead-only/],
      ['touch -c /proc/1/exe', /[Rr]ead-only/],
    ]),
  )
  .act(
    'a terminal',
    probe('terminal', [
      [
        'readlink /proc/1/fd/0; readlink /proc/1/fd/1; ls -l /dev/console | cut -c1',
        /^\/dev\/(pts\/0|console)\n\/dev\/(pts\/0|console)\nc$/,
      ],
    ]),
  )
  .step('stop', ['stop'], expect.exitCode('named', 137), expect.exitCode('first', 7), expect.exitCode('numbered', 137))
  .act(
    'the stop signal was the service’s own',
    eventually(async (world) => assert.match((await world.run('logs', 'named')).stdout, /got hup/), 15_000),
  )
  .test();

scenario('exec knows who lives in the container, not only who lived in its image')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  web:
    image: tscompose/busybox:1
    command: [sh, -c, 'echo "late:x:3000:3001::/home/late:/bin/sh" >> /etc/passwd; echo "more:x:3002:late" >> /etc/group; sleep 1000']
  trap:
    image: tscompose/busybox:1
    command: [sh, -c, 'rm /etc/passwd /etc/group; mkfifo /etc/passwd; ln -s /proc/1/environ /etc/group; sleep 1000']
`,
  })
  .step('up', ['up', '-d'])
  .act(
    'a user added later, with his groups and home',
    eventually(async (world) => {
      const late = await world.run('exec', '-T', '-u', 'late', 'web', 'sh', '-c', 'id -u; id -G; echo $HOME');
      assert.is(late.stdout, '3000\n3001 3002\n/home/late\n', late.stderr);
    }, 15_000),
  )
  .step('numbers', ['exec', '-T', '-u', '17:18', 'web', 'id'], expect.stdout(/uid=17 gid=18/))
  .step('nobody of that name', ['exec', '-T', '-u', 'ghost', 'web', 'id'], expect.exit(1), expect.stderr(/"ghost"/))
  .act(
    'files that are traps are nobody’s',
    eventually(async (world) => {
      const trapped = await world.run('exec', '-T', '-u', 'app', 'trap', 'id');
      assert.is(trapped.status, 1, trapped.stdout);
      assert.match(trapped.stderr, /"app"/);
    }, 15_000),
  )
  .test();

test.run();

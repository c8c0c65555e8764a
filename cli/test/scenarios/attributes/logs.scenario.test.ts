// timeout: 600s
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually, expect, scenario, type World } from '../../scenario.ts';

const port = 22514;
const received: string[] = [];

/** Names of a service's log files. */
async function logFiles(world: World, service: string): Promise<readonly string[]> {
  const id = (await world.containers()).find((one) => one.service === service)?.id ?? '';
  const directory = readdirSync(join(world.root, 'containers')).find((name) => id.startsWith(name)) ?? '';
  return readdirSync(join(world.root, 'containers', directory)).filter((name) => name.startsWith('log'));
}

scenario('logs: rotated, compressed, sent elsewhere or nowhere, as the service says')
  .images('busybox')
  .project({
    'compose.yaml': `x-say: &say { image: "tscompose/busybox:1", stop_signal: SIGKILL }
services:
  packed:
    image: tscompose/busybox:1
    command: [sh, -c, 'i=1000; while [ $$i -lt 2000 ]; do echo "line $$i of a thousand"; i=$$((i + 1)); done; echo ready; sleep 1000']
    stop_signal: SIGKILL
    logging: { driver: json-file, options: { max-size: 20k, max-file: "4", compress: "true" } }
  silent:
    <<: *say
    command: [sh, -c, 'echo nobody hears; sleep 1000']
    logging: { driver: none }
  distant:
    <<: *say
    command: [sh, -c, 'while :; do echo over there; sleep 0.2; done']
    logging:
      driver: syslog
      options: { syslog-address: "udp://localhost:${port}", syslog-facility: local3, syslog-format: rfc5424, tag: "{{.Name}}/{{.ImageName}}" }
  away:
    <<: *say
    command: [sh, -c, 'while :; do echo still here; sleep 0.2; done']
    logging: { driver: syslog, options: { syslog-address: "tcp://127.0.0.1:1" } }
`,
  })
  .act('a server that listens gets lines, one that is away holds nobody up', async (world) => {
    const server = createSocket('udp4', (message) => void received.push(message.toString()));
    await new Promise<void>((resolve) => server.bind(port, '127.0.0.1', resolve));
    try {
      const up = await world.run('up', '-d');
      assert.is(up.status, 0, up.stderr);
      await eventually(() => {
        assert.match(received.join('\n'), /^<158>1 \S+ \S+ app-distant-1\/tscompose\/busybox:1 \d+ \S+ - over there$/m);
      }, 20_000)(world);
      await eventually(async () => {
        assert.match((await world.run('logs', 'away')).stdout, /still here\n.*still here/);
      }, 20_000)(world);
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  })
  .act(
    'the last files are there, compressed, and logs reads through them',
    eventually(async (world) => {
      assert.equal((await logFiles(world, 'packed')).toSorted(), ['log', 'log.1.gz', 'log.2.gz', 'log.3.gz']);
      const { stdout } = await world.run('logs', '--no-log-prefix', 'packed');
      assert.match(stdout, /line 1998 of a thousand\nline 1999 of a thousand\nready\n$/);
      const numbers = [...stdout.matchAll(/^line (\d+)/gm)].map((match) => Number(match[1]));
      assert.ok(numbers.length > 500 && numbers.length < 1000, `${numbers.length} lines`);
      assert.equal(
        numbers,
        [...numbers.keys()].map((index) => 2000 - numbers.length + index),
        'without a gap',
      );
    }, 20_000),
  )
  .act('none keeps nothing', async (world) => {
    assert.equal(await logFiles(world, 'silent'), []);
    const { stdout, stderr } = await world.run('logs', 'silent');
    assert.is(stdout, '');
    assert.match(stderr, /"app-silent-1" keeps no log .*"none".*engine\.log-elsewhere/);
  })
  .test();

const hasJournal = readdirSync('/run').includes('systemd') && readdirSync('/run/systemd').includes('journal');

scenario('the journal is refused where there is none')
  .project({
    'compose.yaml': `services:
  web:
    image: tscompose/busybox:1
    scale: ${hasJournal ? 0 : 1}
    logging: { driver: journald }
`,
  })
  .step('up', ['up', '-d'], expect.exit(hasJournal ? 0 : 1), ...(hasJournal ? [] : [expect.stderr(/compose\.yaml:5:.*journal/)]))
  .test();

test.run();

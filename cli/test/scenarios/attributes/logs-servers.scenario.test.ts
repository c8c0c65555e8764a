// timeout: 300s
import { createSocket, type Socket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually, expect, scenario, type World } from '../../scenario.ts';
import { readMessages } from './msgpack.ts';

const ports = { gelfUdp: 21_030, gelfTcp: 21_031, fluentd: 21_032 };
const patienceMs = 60_000;

const datagrams: Buffer[] = [];
const streams = { gelfTcp: [] as Buffer[], fluentd: [] as Buffer[], socket: [] as Buffer[] };
const open: (Socket | Server)[] = [];

async function listen(where: string | number, into: Buffer[]): Promise<void> {
  const server = createServer((socket) => void socket.unref().on('data', (bytes) => void into.push(Buffer.from(bytes)))).unref();
  await new Promise<void>((resolve) =>
    typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
  );
  open.push(server);
}

async function serveAll(world: World): Promise<void> {
  const udp = createSocket('udp4', (bytes) => void datagrams.push(bytes)).unref();
  await new Promise<void>((resolve) => udp.bind(ports.gelfUdp, '127.0.0.1', resolve));
  open.push(udp);
  await listen(ports.gelfTcp, streams.gelfTcp);
  await listen(ports.fluentd, streams.fluentd);
  await listen(join(world.directory, 'fluentd.sock'), streams.socket);
}

/** GELF messages of datagrams, chunked ones put together. */
function gelfMessages(): readonly Record<string, unknown>[] {
  const chunks = new Map<string, Buffer[]>();
  const whole: Buffer[] = [];
  for (const one of datagrams) {
    if (one.readUInt16BE(0) !== 0x1e0f) {
      whole.push(one);
      continue;
    }
    const [id, index, count] = [one.toString('hex', 2, 10), one.readUInt8(10), one.readUInt8(11)];
    const parts = chunks.get(id) ?? [];
    parts[index] = one.subarray(12);
    chunks.set(id, parts);
    if (Object.keys(parts).length === count) whole.push(Buffer.concat(parts));
  }
  return whole.map((one) => JSON.parse(one.toString()));
}

interface FluentdEvent {
  readonly tag: string;
  readonly time: unknown;
  readonly record: Readonly<Record<string, string>>;
}

function fluentdEvents(pieces: readonly Buffer[]): readonly FluentdEvent[] {
  return readMessages(Buffer.concat(pieces)).map((message) => {
    const [tag, time, record] = Array.isArray(message) ? message : [];
    assert.ok(record instanceof Map, 'tag, time, record');
    return { tag: String(tag), time, record: Object.fromEntries([...record].map(([key, value]) => [key, String(value)])) };
  });
}

const say =
  "echo hello; echo oops >&2; head -c 40000 /dev/zero | tr '\\\\0' x; echo; printf '\\\\377\\\\n\\\\n'; printf end; sleep 1000";

scenario('gelf and fluentd: what servers get, decoded')
  .images('busybox')
  .project({
    'compose.yaml': `x-say: &say
  image: tscompose/busybox:1
  command: [sh, -c, "${say}"]
  network_mode: none
  stop_signal: SIGKILL
  labels: { com.example.team: blue, other: hidden }
  environment: { STAGE: test }
services:
  gelf:
    <<: *say
    logging: { driver: gelf, options: { gelf-address: "udp://127.0.0.1:${ports.gelfUdp}", tag: "{{.Name}}", labels: com.example.team, env: STAGE } }
  gelf-tcp:
    <<: *say
    logging: { driver: gelf, options: { gelf-address: "tcp://localhost:${ports.gelfTcp}", gelf-compression-type: none, cache-disabled: "true" } }
  fluentd:
    <<: *say
    logging: { driver: fluentd, options: { fluentd-address: "localhost:${ports.fluentd}", labels-regex: "^com\\\\.", fluentd-async: "true" } }
  socket:
    <<: *say
    logging: { driver: fluentd, options: { fluentd-address: "unix://\${PWD}/fluentd.sock", tag: "a.b", fluentd-sub-second-precision: "true" } }
  file:
    <<: *say
    logging: { driver: json-file, options: { labels: com.example.team, env-regex: "^ST", tag: "{{.Name}}" } }
`,
  })
  .act('servers', serveAll)
  .step('up', ['up', '-d'])
  .act(
    'GELF over UDP: Docker’s fields, a long line in pieces of 16 KiB, chunked',
    eventually(async (world) => {
      const messages = gelfMessages();
      const hello = messages.find((one) => one['short_message'] === 'hello');
      const { id, name } = (await world.containers()).find((one) => one.service === 'gelf') ?? { id: '', name: '' };
      assert.is(hello?.['version'], '1.1');
      assert.is(hello?.['short_message'], 'hello');
      assert.is(hello?.['level'], 6);
      assert.ok(Math.abs(Number(hello?.['timestamp']) - Date.now() / 1000) < 600, 'seconds');
      assert.ok(String(hello?.['_container_id']).startsWith(id.slice(0, 12)), 'the id');
      assert.is(hello?.['_container_name'], name);
      assert.is(hello?.['_tag'], name);
      assert.is(hello?.['_image_name'], 'tscompose/busybox:1');
      assert.match(String(hello?.['_command']), /^sh -c echo hello/);
      assert.match(String(hello?.['_created']), /^\d{4}-\d\d-\d\dT/);
      assert.is(hello?.['_com.example.team'], 'blue');
      assert.is(hello?.['_STAGE'], 'test');
      assert.is(hello?.['_other'], undefined);
      assert.is(messages.find((one) => one['short_message'] === 'oops')?.['level'], 3);
      const texts = messages.filter((one) => one['level'] === 6).map((one) => String(one['short_message']));
      assert.equal(
        texts.map((one) => (one.length > 100 ? one.length : one)),
        ['hello', 16384, 16384, 40_000 - 2 * 16384, '\uFFFD'],
        'no message for the empty line, none yet for the unfinished one',
      );
    }, patienceMs),
  )
  .act(
    'GELF over TCP: each ends with a NUL',
    eventually(() => {
      const messages = Buffer.concat(streams.gelfTcp).toString().split('\0');
      assert.is(messages.pop(), '');
      assert.is(messages.length, 6);
      assert.equal(
        messages.map((one) => String(JSON.parse(one).short_message).length).toSorted((a, b) => a - b),
        [1, 4, 5, 40_000 - 2 * 16384, 16384, 16384],
      );
    }, patienceMs),
  )
  .act(
    'fluentd: pieces of a line know that they are',
    eventually(async (world) => {
      const events = fluentdEvents(streams.fluentd).filter((one) => one.record['source'] === 'stdout');
      const { id } = (await world.containers()).find((one) => one.service === 'fluentd') ?? { id: '' };
      const { log, container_id, container_name, ...more } = events[0]?.record ?? {};
      assert.is(log, 'hello');
      assert.ok(container_id?.startsWith(id.slice(0, 12)), 'the id');
      assert.is(container_name, '/app-fluentd-1');
      assert.equal(more['com.example.team'], 'blue');
      assert.is(events[0]?.tag, container_id?.slice(0, 12));
      assert.ok(typeof events[0]?.time === 'number', 'whole seconds');
      const pieces = events.filter((one) => one.record['partial_message'] === 'true').map((one) => one.record);
      assert.equal(
        pieces.map((one) => [one['log']?.length, one['partial_ordinal'], one['partial_last']]),
        [
          [16384, '1', 'false'],
          [16384, '2', 'false'],
          [40_000 - 2 * 16384, '3', 'true'],
        ],
      );
      assert.is(new Set(pieces.map((one) => one['partial_id'])).size, 1);
      assert.is(events.length, 6);
    }, patienceMs),
  )
  .act(
    'a unix socket, and nanoseconds',
    eventually(() => {
      const events = fluentdEvents(streams.socket);
      assert.is(events.length, 7);
      const { tag, time } = events[0] ?? {};
      assert.is(tag, 'a.b');
      assert.ok(Buffer.isBuffer(time) && time.length === 8 && time.readUInt32BE(4) < 1e9, 'an EventTime');
    }, patienceMs),
  )
  .act('logs reads the local copy, or nothing where there is none', async (world) => {
    const { stdout, stderr } = await world.run('logs', '--no-log-prefix', 'gelf');
    assert.match(stdout, /^hello$/m);
    assert.is(stderr, '');
    assert.is((await world.run('logs', 'gelf-tcp')).stdout, '');
  })
  .act('a file’s lines carry labels and variables', async (world) => {
    const id = (await world.containers()).find((one) => one.service === 'file')?.id ?? '';
    const directory = readdirSync(join(world.root, 'containers')).find((name) => id.startsWith(name)) ?? '';
    const lines = readFileSync(join(world.root, 'containers', directory, 'log'), 'utf8')
      .trimEnd()
      .split('\n');
    assert.equal(JSON.parse(lines[0] ?? '').attrs, { STAGE: 'test', 'com.example.team': 'blue', tag: 'app-file-1' });
    assert.match((await world.run('logs', 'file')).stdout, /hello/);
  })
  .step('the end of a container sends what it had begun', ['kill', 'socket'])
  .act(
    'as the last line',
    eventually(() => assert.is(fluentdEvents(streams.socket).at(-1)?.record['log'], 'end'), patienceMs),
  )
  .act('servers end', () => {
    for (const one of open) one.close();
  })
  .test();

scenario('options of log servers that cannot be meant are refused at their place')
  .project({
    'compose.yaml': `services:
  packed:
    image: tscompose/busybox:1
    logging:
      driver: gelf
      options:
        gelf-address: udp://localhost
        gelf-compression-type: gzip
  waiting:
    image: tscompose/busybox:1
    logging:
      driver: fluentd
      options:
        fluentd-async: "false"
  acknowledged:
    image: tscompose/busybox:1
    logging:
      driver: fluentd
      options: { fluentd-request-ack: "true" }
`,
  })
  .step(
    'up',
    ['up', '-d'],
    expect.exit(1),
    expect.stderr(/compose\.yaml:8:\d+.*only be "none"/),
    expect.stderr(/compose\.yaml:14:\d+.*never holds a container up/),
    expect.stderr(/compose\.yaml:19:\d+.*no such option/),
  )
  .test();

test.run();

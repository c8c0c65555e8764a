import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type EngineFixture, engineFixture, networkSpec } from '#runtime/test/engine-fixture.ts';

const peer = join(import.meta.dirname, 'network/peer.mjs');
const serverPort = 9000;
const publishedPort = 24_090;
const seconds = '2';

/**
 * `bin/node bench/network.ts`: throughput and round trip between two containers, through a published port and through the
 * loopback proxy; look-ups; time to set up 20 endpoints and 1,000 ports. The peers are the host's Node in the containers'
 * network namespaces, the same on every way, so the ways compare; absolute figures are Node's as much as the network's.
 */
async function bench(): Promise<void> {
  await using fixture = await engineFixture();
  await fixture.engine.createNetwork(networkSpec('bench'));
  const server = await start(fixture, 'server', [
    { mode: 'ingress', protocol: 'tcp', target: serverPort, published: `${publishedPort}` },
  ]);
  const client = await start(fixture, 'client', []);
  await using _serving = await serve(server.pid);
  const gateway = server.ipv4.replace(/\.\d+$/, '.1');
  const ways = [
    { what: 'container → container', pid: client.pid, host: server.ipv4, port: serverPort },
    { what: 'container → published port of the host', pid: client.pid, host: gateway, port: publishedPort },
    { what: 'host → published port on its address', pid: undefined, host: gateway, port: publishedPort },
    { what: 'host → published port on 127.0.0.1', pid: undefined, host: '127.0.0.1', port: publishedPort },
  ];
  for (const { what, pid, host, port } of ways) {
    const gigabits = Number(await measure(pid, ['throughput', host, `${port}`, seconds]));
    const microseconds = Number(await measure(pid, ['latency', host, `${port}`, seconds]));
    line(what, `${gigabits.toFixed(1)} Gbit/s`, `${microseconds.toFixed(0)} µs`);
  }
  const dns = (await measure(client.pid, ['dns', 'server', seconds])) as { perSecond: number; medianUs: number }; // our own script's output
  line('look-up of a service', `${dns.perSecond.toFixed(0)} /s`, `${dns.medianUs.toFixed(0)} µs`);

  const twenty = await Promise.all(Array.from({ length: 20 }, (_, index) => create(fixture, `many-${index}`, [])));
  line(
    'start of 20 containers with an endpoint each',
    await timed(() => Promise.all(twenty.map((id) => fixture.engine.startContainer(id)))),
  );
  const ports = Array.from({ length: 500 }, (_, index) => ({
    mode: 'ingress',
    protocol: 'tcp',
    target: 80,
    published: `${24_100 + index}`,
  }));
  const halves = [
    await create(fixture, 'ports-0', ports),
    await create(
      fixture,
      'ports-1',
      ports.map((one) => ({ ...one, published: `${Number(one.published) + 500}` })),
    ),
  ];
  line(
    'start of 2 containers with 1,000 ports',
    await timed(() => Promise.all(halves.map((id) => fixture.engine.startContainer(id)))),
  );
}

async function create(fixture: EngineFixture, name: string, ports: readonly object[]): Promise<string> {
  const service = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL', ports: ports as [] }; // shape of a service's ports
  return fixture.create(name, service, { endpoints: [{ network: 'bench', aliases: [name] }] });
}

async function start(fixture: EngineFixture, name: string, ports: readonly object[]) {
  const id = await create(fixture, name, ports);
  await fixture.engine.startContainer(id);
  const found = (await fixture.engine.listContainers()).find((one) => one.id === id);
  return { pid: found?.pid ?? 0, ipv4: found?.endpoints[0]?.ipv4 ?? '' };
}

function spawnPeer(pid: number | undefined, argv: readonly string[]) {
  const inside = pid === undefined ? [] : ['nsenter', `--net=/proc/${pid}/ns/net`];
  const [program = '', ...rest] = [...inside, process.execPath, peer, ...argv];
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function serve(pid: number): Promise<AsyncDisposable> {
  const child = spawnPeer(pid, ['serve', `${serverPort}`]);
  await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function measure(pid: number | undefined, argv: readonly string[]): Promise<unknown> {
  return JSON.parse(await text(spawnPeer(pid, argv).stdout));
}

async function timed(body: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  await body();
  return `${(performance.now() - started).toFixed(0)} ms`;
}

function line(what: string, ...figures: readonly string[]): void {
  process.stdout.write(`${what.padEnd(46)}${figures.map((one) => one.padStart(14)).join('')}\n`);
}

await bench();

// timeout: 240s
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { EndpointSpec } from '#core/engine/specs.ts';
import { type EngineFixture, engineFixture, machineState, networkSpec } from '../engine-fixture.ts';
import { outside } from './outside.ts';

/** An HTTP server whose page is the text. */
const server = (text: string) => ['sh', '-c', `mkdir -p /www && echo ${text} > /www/index.html && exec httpd -f -p 80 -h /www`];
/** Fetches the page from inside a container (the static busybox's wget crashes in its resolver). */
const get = (host: string, port = 80, seconds = 20) =>
  `printf 'GET / HTTP/1.0\r\n\r\n' | nc -w ${seconds} ${host} ${port} | tail -n 1 | grep .`;
const end = (network: string, ...aliases: string[]): EndpointSpec => ({ network, aliases });

async function ask(host: string, port: number): Promise<string> {
  const address = host.includes(':') ? `[${host}]` : host;
  const response = await fetch(`http://${address}:${port}/`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.text()).trim();
}

/** Waits, half a minute at most, until a server among the container's processes listens on port 80 (0x50); others pass. */
const untilListening = `i=0
until ! tr '\\0' ' ' < /proc/1/cmdline | grep -q httpd || grep -q ':0050 [0-9A-F:]* 0A' /proc/net/tcp /proc/net/tcp6
do i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.05; done`;

async function start(fixture: EngineFixture, ...ids: string[]): Promise<void> {
  await Promise.all(ids.map((id) => fixture.engine.startContainer(id)));
  for (const id of ids) assert.is((await fixture.exec(id, untilListening)).exitCode, 0, 'the server listens');
}

test('containers find each other by alias, several addresses included, and the outside by the gateway', async () => {
  await using fixture = await engineFixture();
  await fixture.engine.createNetwork(networkSpec('test_default'));
  const one = await fixture.create('web-1', { command: server('one') }, { endpoints: [end('test_default', 'web', 'web-1')] });
  const two = await fixture.create('web-2', { command: server('two') }, { endpoints: [end('test_default', 'web', 'web-2')] });
  const client = await fixture.create('client', { command: ['sleep', '1000'] }, { endpoints: [end('test_default', 'client')] });
  await start(fixture, one, two, client);
  assert.is((await fixture.exec(client, get('web-1'))).output, 'one\n');
  assert.is((await fixture.exec(client, get('web-2'))).output, 'two\n');
  const both = (await fixture.exec(client, 'nslookup web')).output;
  const addresses = (await fixture.engine.listContainers()).filter((c) => c.name !== 'client').map((c) => c.endpoints[0]?.ipv4);
  for (const address of addresses) assert.ok(both.includes(String(address)), `${address} in ${both}`);
  await fixture.engine.stopContainer(two, { timeoutMs: 0 });
  assert.is((await fixture.exec(client, 'nslookup web-2')).exitCode, 1);
  assert.match((await fixture.exec(client, 'ip route')).output, /default via 10\.\d+\.\d+\.1 dev eth0/);
});

test('a published port answers on 127.0.0.1, ::1, the host address, and inside other containers', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('test_a'));
  await fixture.engine.createNetwork(networkSpec('test_b'));
  const ports = [{ target: 80, published: '21091', protocol: 'tcp' }];
  const web = await fixture.create('web', { command: server('hello'), ports }, { endpoints: [end('test_a', 'web')] });
  const other = await fixture.create('other', { command: ['sleep', '1000'] }, { endpoints: [end('test_b', 'other')] });
  await start(fixture, web, other);
  assert.is(await ask('127.0.0.1', 21091), 'hello');
  assert.is(await ask('::1', 21091), 'hello');
  assert.is(await ask(away.host.ipv4, 21091), 'hello');
  const gateway = (await fixture.exec(other, "ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p'")).output.trim();
  assert.is((await fixture.exec(other, get(gateway, 21091))).output, 'hello\n');
  const direct = (await fixture.engine.listContainers()).find((c) => c.id === web)?.endpoints[0]?.ipv4;
  assert.is((await fixture.exec(other, get(String(direct), 80, 2))).exitCode, 1, 'networks are isolated');
  await fixture.engine.stopContainer(web, { timeoutMs: 0 });
  const error = await ask(away.host.ipv4, 21091).catch((one: unknown) => one);
  assert.match(String(error), /fetch failed/);
});

test('explicit and ephemeral host ports; a taken one names its holder', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('test_a'));
  const holder = createServer().listen(21092, '127.0.0.1');
  await new Promise((resolve) => holder.on('listening', resolve));
  const endpoints = [end('test_a', 'web')];
  const local = [{ target: 80, published: '21093', host_ip: '127.0.0.1' }, { target: 80 }];
  const web = await fixture.create('web', { command: server('x'), ports: local }, { endpoints });
  await start(fixture, web);
  assert.is(await ask('127.0.0.1', 21093), 'x');
  assert.match(String(await ask(away.host.ipv4, 21093).catch((one: unknown) => one)), /fetch failed/);
  const ephemeral = (await fixture.engine.listContainers())[0]?.ports.find((one) => one.hostIp === '')?.hostPort;
  assert.ok(Number(ephemeral) >= 32768);
  assert.is(await ask('127.0.0.1', Number(ephemeral)), 'x');

  const clash = await fixture.create(
    'clash',
    { command: server('y'), ports: [{ target: 80, published: '21092' }] },
    { endpoints },
  );
  const error = await fixture.engine.startContainer(clash).catch((one: unknown) => one);
  assert.ok(hasCode(error, 'engine.port-taken'));
  assert.match(String(error), new RegExp(`process ${process.pid} `));
  const clash2 = await fixture.create(
    'clash2',
    { command: server('y'), ports: [{ target: 80, published: '21093' }] },
    { endpoints },
  );
  assert.match(
    String(await fixture.engine.startContainer(clash2).catch((one: unknown) => one)),
    /container "web" of project "test"/,
  );
  const range = [{ target: 80, published: '21092-21094' }];
  const ranged = await fixture.create('ranged', { command: server('z'), ports: range }, { endpoints });
  await start(fixture, ranged);
  assert.is(await ask('127.0.0.1', 21094), 'z');
  const wanted = { hostIp: '', port: 21092, protocol: 'tcp' } as const;
  const query = { project: 'elsewhere', images: [], networks: [], volumes: [], files: [] };
  const observed = await fixture.engine.observe({ ...query, ports: [wanted, { ...wanted, port: 21093 }] });
  holder.close();
  assert.is(observed.heldPorts[0]?.pid, process.pid);
  assert.equal(observed.heldPorts[1], { ...wanted, port: 21093, holderProject: 'test', holderService: 'web' });
});

test('udp ports, static addresses, ipv6 and internal networks', async () => {
  await using fixture = await engineFixture();
  const pools = [{ subnet: '198.19.113.0/24', gateway: '198.19.113.254' }];
  await fixture.engine.createNetwork(networkSpec('test_static', { pools, enableIpv6: true }));
  await fixture.engine.createNetwork(networkSpec('test_inside', { internal: true }));
  const fixed = { ...end('test_static', 'fixed'), ipv4Address: '198.19.113.42', macAddress: '02:42:00:00:00:99' };
  const one = await fixture.create('fixed', { command: server('six') }, { endpoints: [fixed, end('test_inside', 'fixed')] });
  const two = await fixture.create('inside', { command: ['sleep', '1000'] }, { endpoints: [end('test_inside', 'inside')] });
  const three = await fixture.create('peer', { command: ['sleep', '1000'] }, { endpoints: [end('test_static', 'peer')] });
  await start(fixture, one, two, three);
  const addresses = (await fixture.exec(one, 'ip -o addr; ip route')).output;
  assert.match(addresses, /eth0 .*198\.19\.113\.42\/24/);
  assert.match(addresses, /eth0 .*fd[0-9a-f:]+\/64/);
  assert.match(addresses, /default via 198\.19\.113\.254 dev eth0/);
  assert.match((await fixture.exec(one, 'cat /sys/class/net/eth0/address')).output, /02:42:00:00:00:99/);
  assert.match((await fixture.exec(three, 'nslookup fixed')).output, /fd[0-9a-f:]+/);
  assert.is((await fixture.exec(two, 'ip route')).output.includes('default'), false);
  assert.is((await fixture.exec(two, get('fixed'))).output, 'six\n');
  assert.is((await fixture.exec(two, get('198.19.113.42', 80, 2))).exitCode, 1);
  const again = await fixture.create('again', { command: ['true'] }, { endpoints: [fixed] });
  assert.ok(hasCode(await fixture.engine.startContainer(again).catch((e: unknown) => e), 'engine.address-taken'));
  await fixture.engine.stopContainer(one, { timeoutMs: 0 });
  await fixture.engine.startContainer(again);
});

test('namespaces are shared: network of another container, host network, no network', async () => {
  await using fixture = await engineFixture();
  await fixture.engine.createNetwork(networkSpec('test_a'));
  const main = await fixture.create('main', { command: server('main') }, { endpoints: [end('test_a', 'main')] });
  const guest = await fixture.create(
    'guest',
    { command: ['sleep', '1000'], network_mode: 'service:main' },
    { networkContainer: main },
  );
  const early = await fixture.engine.startContainer(guest).catch((one: unknown) => one);
  assert.match(String(early), /container "main", whose network it shares, is not running/);
  await start(fixture, main);
  await start(fixture, guest);
  assert.is((await fixture.exec(guest, `${get('127.0.0.1')}; cat /etc/hostname`)).output, `main\n${main.slice(0, 12)}\n`);
  const host = await fixture.create('host', { command: ['sleep', '1000'], network_mode: 'host' });
  await start(fixture, host);
  const links = execFileSync('ip', ['-br', 'link'], { encoding: 'utf8', timeout: 30_000 });
  assert.ok((await fixture.exec(host, 'ip link')).output.includes(links.split(' ')[0] ?? '?'));
});

test('network_mode bridge uses the default network, which goes with its last container', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('plain', { command: ['sleep', '1000'], network_mode: 'bridge' });
  await start(fixture, id);
  assert.match((await fixture.exec(id, 'ip addr')).output, /eth0/);
  await fixture.engine.stopContainer(id, { timeoutMs: 0 });
  await fixture.engine.removeContainer(id, {});
  assert.is(machineState(fixture.root).table, false);
});

test.run();

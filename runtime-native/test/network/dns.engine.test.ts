// timeout: 240s
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture, networkSpec } from '../engine-fixture.ts';
import { fetchHere, outside } from './outside.ts';
import { until, untilServed, who, whoService } from './who.ts';

const run = promisify(execFile);
const sleep = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' };

/** A name server on the host that knows one answer to everything: 203.0.113.53. */
async function nameServer(address: string) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + size).toString('latin1'));
      at += size + 1;
    }
    asked.push(labels.join('.'));
    const isA = query.readUInt16BE(at + 1) === 1;
    const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 53]);
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...(isA ? [record] : [])]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(53, address, resolve));
  return { asked, [Symbol.dispose]: () => socket.close() };
}

test('names of replicas, PTR, foreign names by dns with dns_search and dns_opt, extra_hosts with host-gateway', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  using server = await nameServer(away.host.ipv4);
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('net'));
  for (const number of [1, 2]) {
    const id = await fixture.create(`web-${number}`, sleep, {
      serviceName: 'web',
      number,
      endpoints: [{ network: 'net', aliases: ['web', `web-${number}`] }],
    });
    await engine.startContainer(id);
  }
  const service = {
    ...sleep,
    dns: [away.host.ipv4],
    dns_search: ['corp.example'],
    dns_opt: ['ndots:3', 'timeout:9'],
    extra_hosts: ['host.docker.internal=host-gateway', 'fixed=192.0.2.9'],
  };
  const id = await fixture.create('asker', service, { endpoints: [{ network: 'net', aliases: ['asker'] }] });
  await engine.startContainer(id);
  const [container] = (await engine.listContainers()).filter((one) => one.id === id);
  const own = container?.endpoints[0]?.ipv4 ?? '';

  const resolvConf = (await fixture.exec(id, 'cat /etc/resolv.conf')).output;
  assert.is(resolvConf, 'nameserver 127.0.0.11\nsearch corp.example\noptions ndots:3 timeout:9\n');
  const firsts = new Set<string>();
  for (let attempt = 0; attempt < 4; attempt++) {
    const { output } = await fixture.exec(id, 'nslookup web. 127.0.0.11 | sed 1,3d');
    const addresses = [...output.matchAll(/Address.*?(\d+\.\d+\.\d+\.\d+)/g)].map((one) => one[1] ?? '');
    assert.is(new Set(addresses).size, 2, output);
    firsts.add(addresses[0] ?? '');
  }
  assert.is(firsts.size, 2, 'the replicas take turns');
  assert.match((await fixture.exec(id, `nslookup ${own} 127.0.0.11`)).output, /name = asker/);
  assert.match((await fixture.exec(id, 'nslookup www.elsewhere.example. 127.0.0.11')).output, '203.0.113.53');
  assert.ok(server.asked.includes('www.elsewhere.example'), server.asked.join());
  assert.not(
    server.asked.some((one) => one.startsWith('web')),
    'names of services are told nobody',
  );
  // As the C library of an image reads resolv.conf: a name with fewer dots than ndots is looked for in the search domain first.
  const lookup = "require('node:dns').lookup('printer.floor2', (error, address) => console.log(error?.code ?? address))";
  const script = 'mount --bind "$1" /etc/resolv.conf && exec "$2" -e "$3"';
  const copy = join(fixture.root, 'resolv.conf');
  writeFileSync(copy, resolvConf);
  const inside = ['nsenter', `--net=/proc/${container?.pid}/ns/net`, 'unshare', '--mount', 'sh', '-c', script, 'sh'];
  const [file = '', ...argv] = [...inside, copy, process.execPath, lookup];
  assert.is((await run(file, argv, { timeout: 60_000, killSignal: 'SIGKILL' })).stdout, '203.0.113.53\n');
  assert.ok(server.asked.includes('printer.floor2.corp.example'), server.asked.join());
  assert.not(server.asked.includes('printer.floor2'));
  const gateway = (await fixture.exec(id, "ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p'")).output.trim();
  assert.match((await fixture.exec(id, 'cat /etc/hosts')).output, `${gateway}\thost.docker.internal\n192.0.2.9\tfixed\n`);
});

test('external_links give a container outside the project a name that only the linking container knows', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('net'));
  await engine.createNetwork(networkSpec('apart'));
  const onNet = { endpoints: [{ network: 'net', aliases: ['other-db-1'] }] };
  const target = () => fixture.create('other-db-1', sleep, onNet);
  const linked = (network: string, link: string) =>
    fixture.create('web-1', { ...sleep, external_links: [link] }, { endpoints: [{ network, aliases: ['web'] }] });
  const refusal = (network: string) => linked(network, 'other-db-1:Database').catch(String);
  assert.match(await refusal('net'), /external_links.*there is no container "other-db-1"/);
  let db = await target();
  await engine.startContainer(db);
  assert.match(await refusal('apart'), /shares no network with "other-db-1" \(.*net\)/);
  const web = await linked('net', 'other-db-1:Database');
  await engine.startContainer(web);
  const plain = await fixture.create('plain-1', sleep, { endpoints: [{ network: 'net', aliases: ['plain'] }] });
  await engine.startContainer(plain);
  const addressOf = async (id: string) => (await engine.listContainers()).find((one) => one.id === id)?.endpoints[0]?.ipv4;
  const ask = (id: string) => fixture.exec(id, 'nslookup database. 127.0.0.11');
  assert.match((await ask(web)).output, `Address: ${await addressOf(db)}\n`);
  assert.is.not((await ask(plain)).exitCode, 0, 'nobody else knows the alias');
  await engine.stopContainer(db, {});
  await engine.removeContainer(db, {});
  const taken = await fixture.create('taker-1', sleep, { endpoints: [{ network: 'net', aliases: [] }] });
  await engine.startContainer(taken);
  db = await target();
  await engine.startContainer(db);
  assert.match((await ask(web)).output, `Address: ${await addressOf(db)}\n`, 'and finds the container that took its place');
});

test('a service that is made anew does not disturb established connections of others, and answers again at once', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const { engine } = fixture;
  await engine.createNetwork(
    networkSpec('net', { pools: [{ subnet: '10.213.9.0/24' }], driverOpts: { 'com.docker.network.bridge.name': 'tscanew0' } }),
  );
  // Not its lowest port's, which changes with each container that comes and goes: neighbours would send to the old one.
  assert.is(readFileSync('/sys/class/net/tscanew0/address', 'latin1').trim(), '02:42:0a:d5:09:01');
  const ports = (published: string, target = 80) => [{ mode: 'ingress', protocol: 'tcp', target, published }];
  const endpoints = [{ network: 'net', aliases: [] }];
  // Counts on its connection: one line each 50 ms.
  const script =
    "mkdir -p /www/cgi-bin && printf '#!/bin/sh\\necho\\ntouch /www/counting; n=0; while sleep 0.05; do n=$((n+1)); echo $n; done' > /www/cgi-bin/count";
  const counter = {
    command: ['sh', '-c', `${script} && chmod +x /www/cgi-bin/count && exec httpd -f -p 81 -h /www`],
    init: false,
  };
  const steady = await fixture.create('steady', { ...counter, ports: ports('24051', 81) }, { endpoints });
  await engine.startContainer(steady);
  const make = async () => {
    const id = await fixture.create('web', whoService({ ports: ports('24052'), stop_signal: 'SIGKILL' }), { endpoints });
    await engine.startContainer(id);
    return id;
  };
  let web = await make();
  await untilServed(() => away.fetch([who(away.host.ipv4, 24_051), who(away.host.ipv4, 24_052)]));
  // Ends with a number when so much has come that all rounds below have happened meanwhile, or with what closed it.
  const client = `const socket = require('node:net').connect(24051, '${away.host.ipv4}');
    let text = ''; socket.write('GET /cgi-bin/count HTTP/1.0\\r\\n\\r\\n');
    socket.on('data', (chunk) => { text += chunk; if (text.includes('\\n80\\n')) { console.log('80'); process.exit(); } });
    socket.on('error', (error) => console.log(error.code)).on('close', () => console.log('closed'));`;
  const counting = away.exec([process.execPath, '-e', client]);
  await until(async () => (await fixture.exec(steady, 'test -e /www/counting')).exitCode === 0, 'the count does not start');
  for (let round = 0; round < 4; round++) {
    await engine.stopContainer(web, {});
    await engine.removeContainer(web, {});
    web = await make();
    await untilServed(() => fetchHere([who('127.0.0.1', 24_052)]));
    assert.not((await away.fetch([who(away.host.ipv4, 24_052)]))[0]?.startsWith('error'));
  }
  assert.is((await counting).trim(), '80');
});

test.run();

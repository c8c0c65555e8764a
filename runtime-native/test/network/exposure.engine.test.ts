// timeout: 180s
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture, networkSpec } from '../engine-fixture.ts';
import { fetchHere, outside } from './outside.ts';
import { untilServed, who, whoService } from './who.ts';

const tcp = { mode: 'ingress', protocol: 'tcp', target: 80 } as const;

function settingsFile(text: string) {
  const directory = mkdtempSync('/tmp/tscs-');
  const path = join(directory, 'config.json');
  writeFileSync(path, text);
  return { path, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

test('every way into a container is listed with who can take it', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('net'));
  const ports = [
    { ...tcp, published: '24031' },
    { ...tcp, published: '24032', host_ip: '127.0.0.1' },
    { ...tcp, published: '24033', host_ip: away.host.ipv4, protocol: 'udp' },
  ];
  const web = await fixture.create('web', whoService({ ports }), { endpoints: [{ network: 'net', aliases: [] }] });
  const script = (port: number) => `mkdir -p /www && exec httpd -f -p 127.0.0.1:${port} -h /www`;
  const host = await fixture.create('open', { command: ['sh', '-c', script(24_034)], network_mode: 'host' });
  const guest = await fixture.create(
    'guest',
    { command: ['sh', '-c', script(24_038)], network_mode: 'service:open' },
    { networkContainer: host },
  );
  for (const id of [web, host, guest]) await engine.startContainer(id);
  await untilServed(() => fetchHere([who('127.0.0.1', 24_031), 'http://127.0.0.1:24034/', 'http://127.0.0.1:24038/']));
  const text = (await engine.listExposure()).map(
    (one) => `${one.reach} ${one.container} ${one.address} ${one.port}/${one.protocol} ${one.containerPort} ${one.through}`,
  );
  assert.equal(text.toSorted(), [
    `address web ${away.host.ipv4} 24033/udp 80 address-translation`,
    'any web * 24031/tcp 80 address-translation',
    'loopback guest 127.0.0.1 24038/tcp undefined host-network',
    'loopback open 127.0.0.1 24034/tcp undefined host-network',
    'loopback web 127.0.0.1 24032/tcp 80 loopback-proxy',
  ]);
  await engine.stopContainer(web, { timeoutMs: 0 });
  assert.is((await engine.listExposure()).filter((one) => one.container === 'web').length, 0, 'nothing of what is stopped');
});

test('a machine can decide that ports without an address are its own only', async () => {
  using file = settingsFile('{"defaultHostAddress": "loopback"}');
  await using fixture = await engineFixture({ TSCOMPOSE_CONFIG: file.path });
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('net', { enableIpv6: true }));
  const ports = [
    { ...tcp, published: '24035' },
    { ...tcp, published: '24036', host_ip: '0.0.0.0' },
  ];
  const web = await fixture.create('web', whoService({ ports }), { endpoints: [{ network: 'net', aliases: [] }] });
  await fixture.engine.startContainer(web);
  await untilServed(() => fetchHere([who('127.0.0.1', 24_035), who('::1', 24_035)]));
  const urls = [who(away.host.ipv4, 24_035), who(away.host.ipv6, 24_035), who(away.host.ipv4, 24_036)];
  const isError = (await away.fetch(urls)).map((one) => one.startsWith('error'));
  assert.equal(isError, [true, true, false], 'what is written stays as it is written');
});

test('a setting that is not understood is an error, not the open default', async () => {
  using file = settingsFile('{}');
  await using fixture = await engineFixture({ TSCOMPOSE_CONFIG: file.path });
  await fixture.engine.createNetwork(networkSpec('net'));
  const web = await fixture.create('web', whoService({ ports: [{ ...tcp, published: '24037' }] }), {
    endpoints: [{ network: 'net', aliases: [] }],
  });
  writeFileSync(file.path, '{"defaultHostAddress": "localhost"}');
  const error = await fixture.engine.startContainer(web).catch((caught: unknown) => caught);
  assert.match(String(error), /config\.json.*"any", "loopback"/);
});

test.run();

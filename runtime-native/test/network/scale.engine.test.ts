// timeout: 400s
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture, machineState, networkSpec } from '../engine-fixture.ts';
import { fetchHere, outside } from './outside.ts';
import { untilServed, who, whoService } from './who.ts';

const networks = Array.from({ length: 200 }, (_, index) => `net-${index}`);
const prefix = 'tscn24-';
const firstPort = 24_100;
/** Two containers of 500 each: a loopback proxy serves both families of at most 1,024 listeners. */
const perContainer = 500;

/** What of the machine's state is this test's: others may run beside it. */
const ownState = (root: string) => ({
  ...machineState(root),
  bridges: readdirSync('/sys/class/net').filter((one) => one.startsWith(prefix)),
});

test('200 networks and 1,000 published ports on one machine; nothing is left afterwards', async () => {
  const fixture = await engineFixture();
  const { engine, root } = fixture;
  const before = ownState(root);
  try {
    await using away = outside();
    for (const name of networks)
      await engine.createNetwork(
        networkSpec(name, { driverOpts: { 'com.docker.network.bridge.name': `${prefix}${name.slice(4)}` } }),
      );
    for (const index of [0, 1]) {
      const first = firstPort + index * perContainer;
      const ports = Array.from({ length: perContainer }, (_, offset) => ({
        mode: 'ingress',
        protocol: 'tcp',
        target: 80,
        published: `${first + offset}`,
      }));
      const id = await fixture.create(`web-${index}`, whoService({ hostname: `web-${index}`, ports }), {
        endpoints: [{ network: networks[index * 199] ?? '', aliases: [] }],
      });
      await engine.startContainer(id);
    }
    const samples = [0, 1, 499, 500, 998, 999].map((offset) => firstPort + offset);
    await untilServed(() => away.fetch(samples.map((port) => who(away.host.ipv4, port))));
    const served = (await away.fetch(samples.map((port) => who(away.host.ipv4, port)))).map((one) => one.split(' ')[0]);
    assert.equal(served, ['web-0', 'web-0', 'web-0', 'web-1', 'web-1', 'web-1']);
    const local = (await fetchHere(samples.map((port) => who('127.0.0.1', port)))).map((one) => one.split(' ')[0]);
    assert.equal(local, served);
  } finally {
    await fixture[Symbol.asyncDispose]();
  }
  assert.equal(ownState(root), before);
});

test.run();

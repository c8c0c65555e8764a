// timeout: 240s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '#core/engine/engine.ts';
import { busybox, engineFixture, networkSpec } from '../engine-fixture.ts';
import { fetchHere, outside } from './outside.ts';
import { until, untilServed, who, whoService } from './who.ts';

const port = 24_001;

function counted(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text.split(' ')[0] ?? ''] = (counts[text.split(' ')[0] ?? ''] ?? 0) + 1;
  return counts;
}

test('replicas behind one published port share new connections, wherever these come from', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('shared', { enableIpv6: true }));
  const replica = async (number: number) => {
    const id = await fixture.create(
      `web-${number}`,
      whoService({
        hostname: `web-${number}`,
        image: busybox,
        ports: [{ target: 80, published: String(port), mode: 'ingress', protocol: 'tcp' }],
      }),
      { serviceName: 'web', number, endpoints: [{ network: 'shared', aliases: ['web', `web-${number}`] }] },
    );
    await engine.startContainer(id);
    return id;
  };
  await replica(1);
  const second = await replica(2);
  await replica(3);
  await untilServed(() => away.fetch(Array(6).fill(who(away.host.ipv4, port))));

  const from = async (fetch: typeof fetchHere, address: string, times = 30) => fetch(Array(times).fill(who(address, port)));
  const even = { 'web-1': 10, 'web-2': 10, 'web-3': 10 };
  const texts = await from(away.fetch, away.host.ipv4);
  assert.equal(counted(texts), even, 'from outside');
  assert.ok(
    texts.every((one) => one.includes(away.own.ipv4)),
    'with the client’s own address',
  );
  const texts6 = await from(away.fetch, away.host.ipv6);
  assert.equal(counted(texts6), even, `from outside by IPv6: ${texts6.join()}`);
  assert.ok(texts6.every((one) => one.includes(away.own.ipv6)));
  assert.equal(counted(await from(fetchHere, away.host.ipv4)), even, 'from the host by its address');
  // On the loopback interface the kernel chooses by a hash of the connection: not even, but all have their part.
  for (const address of ['127.0.0.1', '::1']) {
    const counts = counted(await from(fetchHere, address, 90));
    assert.equal(Object.keys(counts).sort(), ['web-1', 'web-2', 'web-3'], address);
  }

  const load = away.fetch(Array(300).fill(who(away.host.ipv4, port)));
  // The first process has no handler for the signal: requests under way have this long.
  await engine.stopContainer(second, { timeoutMs: 4000 });
  const during = await load;
  assert.equal(
    during.filter((one) => one.startsWith('error')),
    [],
    'no connection fails while a replica goes',
  );
  assert.equal(counted(await from(away.fetch, away.host.ipv4)), { 'web-1': 15, 'web-3': 15 });
  await engine.startContainer(second);
  await untilServed(() => away.fetch(Array(6).fill(who(away.host.ipv4, port))));
  assert.equal(counted(await from(away.fetch, away.host.ipv4)), even, 'it is back');
});

test('a replica that dies has no part of the port from then on, and has it again when its restart policy starts it', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('shared', { enableIpv6: true }));
  const ports = [{ target: 80, published: String(port), mode: 'ingress', protocol: 'tcp' }];
  const replica = async (number: number, more: object) => {
    const id = await fixture.create(`web-${number}`, whoService({ hostname: `web-${number}`, ports, ...more }), {
      serviceName: 'web',
      number,
      endpoints: [{ network: 'shared', aliases: [] }],
    });
    await engine.startContainer(id);
    return id;
  };
  await replica(1, {});
  const mortal = await replica(2, { restart: 'no' });
  const immortal = await replica(3, { restart: 'always' });
  const ask = async (address: string, times = 12) => counted(await away.fetch(Array(times).fill(who(address, port))));
  await untilServed(() => away.fetch(Array(6).fill(who(away.host.ipv4, port))));

  await killProcess(engine, mortal);
  await until(async () => (await stateOf(engine, mortal)) === 'exited', 'it does not end');
  for (const address of [away.host.ipv4, away.host.ipv6])
    assert.equal(Object.keys(await ask(address)).sort(), ['web-1', 'web-3'], `by ${address}`);

  await killProcess(engine, immortal);
  await until(
    async () =>
      Object.keys(await ask(away.host.ipv4))
        .sort()
        .join() === 'web-1,web-3',
    'it does not come back',
  );
});

/** As its own crash would end it: a kill that is asked for counts as a stop. */
async function killProcess(engine: Engine, id: string): Promise<void> {
  const { pid = 0 } = (await engine.listContainers()).find((one) => one.id === id) ?? {};
  assert.ok(pid > 1);
  process.kill(pid, 'SIGKILL');
}

async function stateOf(engine: Engine, id: string): Promise<string | undefined> {
  return (await engine.listContainers()).find((one) => one.id === id)?.state;
}

test('a port of a service is nobody else’s: another service and a one-off are refused by name', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('shared'));
  const ports = [{ target: 80, published: String(port), mode: 'ingress', protocol: 'tcp' }];
  const endpoints = [{ network: 'shared', aliases: [] }];
  const web = await fixture.create('web-1', whoService({ ports }), { serviceName: 'web', endpoints });
  await engine.startContainer(web);
  for (const more of [{ serviceName: 'other' }, { serviceName: 'web', oneOff: true, number: 0 }]) {
    const id = await fixture.create(`x-${more.serviceName}`, whoService({ ports }), { ...more, endpoints });
    try {
      await engine.startContainer(id);
      assert.unreachable('it must be refused');
    } catch (error) {
      assert.match(error instanceof Error ? error.message : '', /24001\/tcp.*container "web-1"/);
    }
  }
});

test.run();

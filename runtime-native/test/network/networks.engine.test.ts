// timeout: 300s
import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerSpec, EndpointSpec } from '#core/engine/specs.ts';
import { type EngineFixture, engineFixture, networkSpec } from '../engine-fixture.ts';
import { droppedMs, fetchHere, outside } from './outside.ts';
import { untilServed, who, whoService } from './who.ts';

const sleep = { command: ['sleep', '600'], init: false };
const at = (network: string, more: Partial<EndpointSpec> = {}): EndpointSpec => ({ network, aliases: [], ...more });

async function started(
  fixture: EngineFixture,
  name: string,
  endpoints: readonly EndpointSpec[],
  more: Partial<ContainerSpec> = {},
) {
  const id = await fixture.create(name, sleep, {
    ...more,
    endpoints: endpoints.map((one) => ({ ...one, aliases: [name, ...one.aliases] })),
  });
  await fixture.engine.startContainer(id);
  return id;
}

/** Whether an answer comes: packets are sent until one does, or for twenty seconds. */
async function reaches(fixture: EngineFixture, id: string, address: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if (!(await isCutOff(fixture, id, address))) return true;
  }
  return false;
}

async function isCutOff(fixture: EngineFixture, id: string, address: string): Promise<boolean> {
  return (await fixture.exec(id, ['ping', '-c', '1', '-W', '1', address])).exitCode !== 0;
}

async function endpointOf(fixture: EngineFixture, id: string, index = 0) {
  const container = (await fixture.engine.listContainers()).find((one) => one.id === id);
  const endpoint = container?.endpoints[index];
  if (endpoint === undefined) throw new Error('no such endpoint');
  return { ipv4: endpoint.ipv4 ?? '', ipv6: endpoint.ipv6 ?? '', mac: endpoint.mac ?? '' };
}

test('containers of one network reach each other in both families, those of two networks in none', async () => {
  await using fixture = await engineFixture();
  for (const name of ['front', 'back']) await fixture.engine.createNetwork(networkSpec(name, { enableIpv6: true }));
  const one = await started(fixture, 'one', [at('front')]);
  const two = await started(fixture, 'two', [at('front')]);
  const three = await started(fixture, 'three', [at('back')]);
  const [near, far] = [await endpointOf(fixture, two), await endpointOf(fixture, three)];
  assert.ok(await reaches(fixture, one, near.ipv4));
  assert.ok(await reaches(fixture, one, near.ipv6));
  assert.ok(await reaches(fixture, one, 'two'));
  assert.ok(await isCutOff(fixture, one, far.ipv4), 'isolation in IPv4');
  assert.ok(await isCutOff(fixture, one, far.ipv6), 'isolation in IPv6');
  const lookup = await fixture.exec(one, 'nslookup three 127.0.0.11; nslookup two 127.0.0.11');
  assert.match(lookup.output, near.ipv4);
  assert.not.match(lookup.output, far.ipv4);
});

test('an endpoint gets what is written: addresses, hardware address, names, link-local addresses, settings of the link', async () => {
  await using fixture = await engineFixture();
  const pools = [
    {
      subnet: '198.19.51.0/24',
      ipRange: '198.19.51.128/25',
      gateway: '198.19.51.9',
      auxAddresses: { printer: '198.19.51.128' },
    },
    { subnet: 'fd5c:1::/64' },
  ];
  await fixture.engine.createNetwork(
    networkSpec('lan', {
      enableIpv6: true,
      pools,
      driverOpts: { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.name': 'tsc-lan24' },
    }),
  );
  const id = await started(fixture, 'fixed', [
    at('lan', {
      ipv4Address: '198.19.51.77',
      ipv6Address: 'fd5c:1::77',
      macAddress: '02:aa:bb:cc:dd:ee',
      interfaceName: 'lan0',
      linkLocalAddresses: ['169.254.8.8', 'fe80::8'],
      driverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
      aliases: ['other-name'],
    }),
  ]);
  const { output } = await fixture.exec(id, 'ip addr show lan0; ip route; cat /proc/sys/net/ipv4/conf/lan0/log_martians');
  for (const text of [
    'mtu 1400',
    '02:aa:bb:cc:dd:ee',
    'inet 198.19.51.77/24',
    'inet6 fd5c:1::77/64',
    'inet 169.254.8.8/16',
    'inet6 fe80::8/64',
    'default via 198.19.51.9 dev lan0',
  ]) {
    assert.ok(output.includes(text), `${text} in\n${output}`);
  }
  assert.match(output, /\n1\n$/);
  const next = await started(fixture, 'next', [at('lan')]);
  assert.is((await endpointOf(fixture, next)).ipv4, '198.19.51.129', 'the range begins after the auxiliary address');
  assert.ok(await reaches(fixture, next, 'other-name'));
  assert.match(execFileSync('ip', ['link', 'show', 'tsc-lan24'], { encoding: 'utf8', timeout: 30_000 }), 'mtu 1400');
  const clash = await fixture.create('clash', sleep, { endpoints: [at('lan', { ipv4Address: '198.19.51.77' })] });
  const error = await fixture.engine.startContainer(clash).catch((caught: unknown) => caught);
  assert.match(String(error), /198\.19\.51\.77.*container "fixed"/);
});

test('of several networks the default route goes by gw_priority, and an internal network leads nowhere', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('a'));
  await fixture.engine.createNetwork(networkSpec('b'));
  await fixture.engine.createNetwork(networkSpec('inner', { internal: true, enableIpv6: true }));
  const id = await started(fixture, 'many', [at('inner'), at('a'), at('b', { gatewayPriority: 10 })]);
  assert.match((await fixture.exec(id, 'ip route')).output, /default via \S+ dev eth2/);
  assert.ok(await reaches(fixture, id, away.own.ipv4), 'to the outside, masqueraded');
  const inner = await started(fixture, 'inner-only', [at('inner')]);
  assert.not.match((await fixture.exec(inner, 'ip route')).output, 'default');
  assert.ok(await isCutOff(fixture, inner, away.own.ipv4));
  assert.ok(await reaches(fixture, inner, 'many'));
  assert.match((await fixture.exec(inner, 'nslookup example.com 127.0.0.11')).output, 'NXDOMAIN');
  // Nor does a route lead in: the host itself gets an answer, the outside none.
  const served = await fixture.create('served', whoService(), { endpoints: [at('inner')] });
  await fixture.engine.startContainer(served);
  const { ipv4, ipv6 } = await endpointOf(fixture, served);
  await untilServed(() => fetchHere([who(ipv4, 80), who(ipv6, 80)]));
  away.ip('route', 'add', ipv4, 'via', away.host.ipv4);
  away.ip('route', 'add', ipv6, 'via', away.host.ipv6);
  const fromOutside = await away.fetch([who(ipv4, 80), who(ipv6, 80)], droppedMs);
  assert.ok(
    fromOutside.every((one) => one.startsWith('error')),
    fromOutside.join(),
  );
});

test('enable_icc: false keeps containers of one network apart; the outside stays reachable', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(
    networkSpec('apart', { enableIpv6: true, driverOpts: { 'com.docker.network.bridge.enable_icc': 'false' } }),
  );
  const one = await started(fixture, 'one', [at('apart')]);
  const two = await started(fixture, 'two', [at('apart')]);
  const other = await endpointOf(fixture, two);
  assert.ok(await isCutOff(fixture, one, other.ipv4));
  assert.ok(await isCutOff(fixture, one, other.ipv6));
  assert.ok(await reaches(fixture, one, away.own.ipv4));
});

test('a macvlan network puts containers beside the host on its link', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const subnet = away.host.ipv4.replace(/\.1$/, '.0/24');
  const refused = await fixture.engine
    .createNetwork(networkSpec('lan', { driver: 'macvlan', driverOpts: { parent: 'no-such0' } }))
    .catch((caught: unknown) => caught);
  assert.match(String(refused), 'no-such0');
  await fixture.engine.createNetwork(
    networkSpec('lan', {
      driver: 'macvlan',
      driverOpts: { parent: away.link },
      pools: [{ subnet, gateway: away.own.ipv4, ipRange: subnet.replace('.0/24', '.64/26') }],
    }),
  );
  const id = await fixture.create('beside', whoService({ hostname: 'beside' }), {
    endpoints: [at('lan', { aliases: ['beside'] })],
  });
  await fixture.engine.startContainer(id);
  const second = await started(fixture, 'second', [at('lan')]);
  const { ipv4 } = await endpointOf(fixture, id);
  await untilServed(() => away.fetch([who(ipv4, 80)]));
  const [answer = ''] = await away.fetch([who(ipv4, 80)]);
  assert.match(answer, /^beside /);
  assert.ok(answer.includes(away.own.ipv4), 'from outside, with no translation');
  assert.ok(await reaches(fixture, second, 'beside'), 'by name, from the next container');
  assert.match((await fixture.exec(id, 'ip route')).output, `default via ${away.own.ipv4}`);
});

test('a service that shares a network namespace keeps it when its donor is made anew', async () => {
  await using fixture = await engineFixture();
  await fixture.engine.createNetwork(networkSpec('net'));
  const donor = await fixture.create('donor', whoService(), { endpoints: [at('net')] });
  await fixture.engine.startContainer(donor);
  const guest = await fixture.create('guest', { ...sleep, network_mode: 'service:donor' }, { networkContainer: donor });
  await fixture.engine.startContainer(guest);
  await untilServed(async () =>
    [(await fixture.exec(guest, 'wget -q -O - http://127.0.0.1/cgi-bin/who || echo error')).output].map((one) =>
      one.includes('error') ? 'error' : one,
    ),
  );
  await fixture.engine.stopContainer(donor, { timeoutMs: 0 });
  await fixture.engine.removeContainer(donor, {});
  assert.match((await fixture.exec(guest, 'ip addr show eth0')).output, 'inet ', 'its links are still there');
});

test('published ports by UDP, by host address, by IPv6, and from a container through the host', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('net'));
  const tcp = { mode: 'ingress', protocol: 'tcp', target: 80 } as const;
  const id = await fixture.create(
    'web',
    whoService({
      ports: [
        { ...tcp, published: '24011' },
        { ...tcp, published: '24012', host_ip: '127.0.0.1' },
        { ...tcp, published: '24013', host_ip: away.host.ipv4 },
        { ...tcp },
      ],
    }),
    { endpoints: [at('net')] },
  );
  await fixture.engine.startContainer(id);
  const other = await started(fixture, 'other', [at('net')]);
  await untilServed(() => fetchHere([who('127.0.0.1', 24_011)]));
  const isError = (texts: readonly string[]) => texts.map((one) => one.startsWith('error'));
  assert.equal(
    isError(
      await away.fetch([
        who(away.host.ipv4, 24_011),
        who(away.host.ipv6, 24_011),
        who(away.host.ipv4, 24_012),
        who(away.host.ipv4, 24_013),
      ]),
    ),
    [false, false, true, false],
  );
  assert.equal(isError(await fetchHere([who('::1', 24_011), who('127.0.0.1', 24_012), who('127.0.0.1', 24_013)])), [
    false,
    false,
    true,
  ]);
  const ephemeral = (await fixture.engine.listContainers())
    .find((one) => one.id === id)
    ?.ports.filter((one) => (one.hostPort ?? 0) >= 32_768);
  assert.is(ephemeral?.length, 1);
  assert.equal(isError(await fetchHere([who('127.0.0.1', ephemeral?.[0]?.hostPort ?? 0)])), [false]);
  for (const from of [id, other]) {
    const { output, exitCode } = await fixture.exec(from, ['wget', '-q', '-O', '-', who(away.host.ipv4, 24_011)]);
    assert.match(output, /^\w+ \S+\s*$/, `hairpin ${from === id}: ${exitCode} ${JSON.stringify(output)}`);
  }
});

test('an overlap names the network or the route, and the pools avoid them', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('first', { pools: [{ subnet: '198.19.113.0/25' }] }));
  const refusal = async (subnet: string) =>
    String(await fixture.engine.createNetwork(networkSpec('second', { pools: [{ subnet }] })).catch((caught: unknown) => caught));
  assert.match(await refusal('198.19.113.0/24'), /overlaps 198\.19\.113\.0\/25: network "first" of project "test"/);
  const subnet = away.host.ipv4.replace(/\.1$/, '.0/24');
  assert.match(await refusal(subnet), `overlaps ${subnet}: route ${subnet} of link "${away.link}"`);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostRoutes } from '#runtime/network/host-routes.ts';
import {
  contains,
  formatAddress,
  formatSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '#runtime/network/ip-address.ts';
import { addressesMeet, chooseHostPort, proxiesOf, wantedPort } from '#runtime/network/published-ports.ts';
import { chooseSubnet } from '#runtime/network/subnet-pool.ts';

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text);
  assert.ok(parsed, text);
  return parsed;
};

test('addresses are read and written in both families; nonsense is none', () => {
  for (const text of ['10.0.0.1', '255.255.255.255', 'fd00::1', '::', '2001:db8::8:800:200c:417a']) {
    const address = parseAddress(text);
    assert.ok(address, text);
    assert.is(formatAddress(address), text);
  }
  assert.is(parseAddress('::ffff:10.0.0.1')?.value, 0xffff0a000001n);
  for (const text of ['10.0.0', '10.0.0.256', 'fd00', ':::', '1:2:3:4:5:6:7:8:9', 'g::'])
    assert.is(parseAddress(text), undefined, text);
});

test('subnets clear host bits, overlap and contain', () => {
  assert.is(formatSubnet(subnet('10.1.2.3/24')), '10.1.2.0/24');
  assert.ok(overlaps(subnet('10.0.0.0/8'), subnet('10.9.0.0/16')));
  assert.not.ok(overlaps(subnet('10.0.0.0/24'), subnet('10.0.1.0/24')));
  const address = parseAddress('10.0.0.255');
  assert.ok(address !== undefined && contains(subnet('10.0.0.0/24'), address));
  assert.is(parseSubnet('10.0.0.0/33'), undefined);
});

test('a chosen subnet meets no route, and a full machine has none', () => {
  assert.is(formatSubnet(chooseSubnet([]) ?? subnet('0.0.0.0/0')), '10.210.0.0/22');
  const next = chooseSubnet([subnet('10.210.0.0/24'), subnet('10.210.4.0/23')]);
  assert.is(next && formatSubnet(next), '10.210.8.0/22');
  const vpn = chooseSubnet([subnet('10.0.0.0/8')]);
  assert.is(vpn && formatSubnet(vpn), '172.16.0.0/22');
  assert.is(chooseSubnet([subnet('10.0.0.0/8'), subnet('172.16.0.0/12')]), undefined);
  const later = chooseSubnet([subnet('10.211.252.0/22')], 127);
  assert.is(later && formatSubnet(later), '10.210.0.0/22', 'from the start of the area again');
  const inside = chooseSubnet([subnet('10.210.8.0/32'), subnet('10.210.15.255/32')], 2);
  assert.is(inside && formatSubnet(inside), '10.210.16.0/22');
});

test('routes: default and half-space routes do not count, host routes and those of other tables do', () => {
  const trie = `Id 200:
  |-- 10.7.0.0
     /16 universe UNICAST
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        /1 universe UNICAST
     +-- 10.8.0.0/15 2 0 2
        |-- 10.8.0.0
           /24 link UNICAST
        |-- 10.8.0.255
           /32 link BROADCAST
        |-- 10.9.0.1
           /32 universe UNICAST
`;
  const main = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  const rest = '00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001';
  const ipv6 = `20010db8716200000000000000000000 40 ${rest}     eth1\n00000000000000000000000000000000 00 ${rest}       lo\n`;
  const routes = hostRoutes({ trie, main, ipv6 });
  assert.equal(
    routes.prefixes.map((one) => one.by),
    ['route 10.7.0.0/16', 'route 10.8.0.0/24 of link "tun0"', 'route 10.9.0.1', 'route 2001:db8:7162::/64 of link "eth1"'],
  );
  assert.is(routes.device, 'eth0');
});

test('a host port is the first of its range that nothing meets', () => {
  const wanted = wantedPort({ target: 80, published: '8000-8002' });
  const claim = (port: number, hostIp = '', protocol: 'tcp' | 'udp' = 'tcp') => ({ hostIp, port, protocol });
  assert.is(chooseHostPort(wanted, [claim(8000), claim(8001, '', 'udp')], 0), 8001);
  assert.is(chooseHostPort(wanted, [claim(8000), claim(8001, '127.0.0.1'), claim(8002)], 0), undefined);
  const ephemeral = chooseHostPort(wantedPort({ target: 80 }), [], 5);
  assert.is(ephemeral, 32_773);
  assert.ok(addressesMeet('0.0.0.0', '10.0.0.1') && addressesMeet('', '::1'));
  assert.not.ok(addressesMeet('127.0.0.1', '10.0.0.1') || addressesMeet('0.0.0.0', '::'));
});

test('proxies serve loopback, and all of IPv6 where the container has none', () => {
  const row = {
    hostIp: '',
    hostPort: 80,
    protocol: 'tcp',
    containerPort: 8080,
    containerIp: '10.0.0.2',
    containerIp6: undefined,
  } as const;
  const addresses = (change: Partial<Parameters<typeof proxiesOf>[0]>) =>
    proxiesOf({ ...row, ...change }, { hostHasIpv6: true, owner: 70_001 }).map((one) => one.hostIp);
  assert.equal(addresses({}), ['127.0.0.1', '::']);
  assert.equal(addresses({ containerIp6: 'fd00::2' }), ['127.0.0.1', '::1']);
  assert.equal(addresses({ hostIp: '192.0.2.1' }), []);
  assert.equal(addresses({ hostIp: '127.0.0.5' }), ['127.0.0.5']);
  assert.equal(addresses({ protocol: 'sctp' }), []);
});

test.run();

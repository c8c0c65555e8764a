import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FirewallPort } from '#runtime/network/firewall-ports.ts';
import { firewallScript } from '#runtime/network/firewall-rules.ts';

const port = (container: string, more: Partial<FirewallPort> = {}): FirewallPort => ({
  container: container.padEnd(64, '0'),
  hostIp: '',
  hostPort: 8080,
  protocol: 'tcp',
  containerPort: 80,
  containerIp: '10.0.0.2',
  containerIp6: undefined,
  isOpen: true,
  ...more,
});
const chainOf = (container: string): string => container.padEnd(24, '0');
const script = (...ports: readonly FirewallPort[]): string => firewallScript({ table: 't', networks: [], ports });
const has = (text: string, ...lines: readonly string[]): void => {
  for (const line of lines) assert.ok(text.includes(line), `${line} in\n${text}`);
};

test('a port leads to its container’s gate, which is open or closed, and on to the translation', () => {
  const text = script(port('a'), port('b', { hostPort: 81, isOpen: false }));
  has(
    text,
    `map tcp4_any { type inet_service : verdict; elements = { 8080 : goto gate-${chainOf('a')}, 81 : goto gate-${chainOf('b')} }; }`,
    `chain gate-${chainOf('a')} {\n    jump ports-${chainOf('a')}\n  }`,
    `chain gate-${chainOf('b')} {\n  }`,
    `chain ports-${chainOf('a')} {\n    meta nfproto ipv4 tcp dport 8080 dnat ip to 10.0.0.2:80\n  }`,
    'meta nfproto ipv4 tcp dport vmap @tcp4_any',
  );
});

test('a shared port is dealt out in turn, and what a closed gate does not take goes to one that is open', () => {
  has(
    script(port('a'), port('b', { containerIp: '10.0.0.3' })),
    'elements = { 8080 : goto tcp4_any_0 }',
    `numgen inc mod 2 vmap { 0 : jump gate-${chainOf('a')}, 1 : jump gate-${chainOf('b')} }`,
    `    jump gate-${chainOf('a')}\n    jump gate-${chainOf('b')}\n`,
  );
});

test('both families and all protocols; a range is one map; loopback addresses are the proxies’', () => {
  const both = { containerIp6: 'fd00::2' };
  const text = script(
    port('a', { ...both, hostIp: '2001:db8::1', hostPort: 36412, protocol: 'sctp' }),
    port('b', { hostIp: '192.0.2.1', hostPort: 53, protocol: 'udp' }),
    port('c', { hostPort: 90 }),
    port('c', { hostPort: 91, containerPort: 81 }),
    port('d', { hostIp: '127.0.0.1', hostPort: 92 }),
  );
  has(
    text,
    'ip6 daddr . sctp dport vmap @sctp6_address',
    'ip6 daddr 2001:db8::1 sctp dport 36412 dnat ip6 to [fd00::2]:80',
    'ip daddr 192.0.2.1 udp dport 53 dnat ip to 10.0.0.2:80',
    'meta nfproto ipv4 dnat ip to tcp dport map { 90 : 10.0.0.2 . 80, 91 : 10.0.0.2 . 81 }',
  );
  assert.not.ok(text.includes(chainOf('d')));
});

test('without networks and ports only the old table goes', () => {
  assert.is(script(), 'add table inet t\ndelete table inet t\n');
});

test.run();

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cgroupMounts } from '#runtime/host/cgroup-mounts.ts';
import { cgroupParent } from '#runtime/host/cgroup-parent.ts';
import { installCommand } from '#runtime/host/install-command.ts';
import { hostListeners, hostSockets, type Listener, parseSocketTable } from '#runtime/host/listeners.ts';
import { lockProject } from '#runtime/host/project-lock.ts';

function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync('/tmp/tsch-');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test('a second holder waits for the first and is told its pid once', async () => {
  using directory = scratch();
  const told: number[] = [];
  const first = await lockProject({ directory: directory.path, project: 'p', onWait: () => {} });
  const order: string[] = [];
  const onWait = ({ pid }: { pid: number }) => void told.push(pid);
  const second = lockProject({ directory: directory.path, project: 'p', onWait }).then(async (lock) => {
    order.push('second');
    await lock[Symbol.asyncDispose]();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  order.push('first');
  await first[Symbol.asyncDispose]();
  await second;
  assert.equal(order, ['first', 'second']);
  assert.equal(told, [process.pid]);
});

test("a dead holder's lock and a damaged one are taken over; an aborted wait rejects", async () => {
  using directory = scratch();
  const request = { directory: directory.path, project: 'p', onWait: () => {} };
  writeFileSync(join(directory.path, 'p.lock'), JSON.stringify({ pid: process.pid, startTime: 1, command: 'old' }));
  await (await lockProject(request))[Symbol.asyncDispose]();
  writeFileSync(join(directory.path, 'p.lock'), '{"pid":');
  await using lock = await lockProject(request);
  void lock;
  const error = await lockProject({ ...request, signal: AbortSignal.timeout(50) }).catch((one: unknown) => one);
  assert.is(error instanceof Error && error.name, 'TimeoutError');
});

test('listening sockets are read from the kernel tables in both families', () => {
  const row = (local: string, state: string) => `   0: ${local} 0:0 ${state} 00000000:00000000 00:00000000 00000000 0 0 4711 1`;
  const table = ['header', row('0100007F:1F90', '0A'), row('0100007F:1F91', '01')].join('\n');
  assert.equal(parseSocketTable(table, 'tcp', '0A'), [{ protocol: 'tcp', address: '127.0.0.1', port: 8080, inode: 4711 }]);
  const six = ['header', row('00000000000000000000000001000000:0050', '0A')].join('\n');
  assert.is(parseSocketTable(six, 'tcp', '0A')[0]?.address, '::1');
});

test('a connection going out holds its local port, though nobody listens there', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  const isOurs = (one: Listener) => one.protocol === 'tcp' && one.address === '127.0.0.1' && one.port === client.localPort;
  assert.ok(hostSockets().some(isOurs));
  assert.not.ok(hostListeners().some(isOurs));
  client.destroy();
  server.close();
});

test('cgroup layouts are told apart', () => {
  const v1 = '30 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';
  const v2 = (target: string) => `31 25 0:28 / ${target} rw - cgroup2 cgroup2 rw`;
  assert.is(cgroupMounts(v1).mode, 'v1');
  assert.is(cgroupMounts(`${v1}\n${v2('/sys/fs/cgroup/unified')}`).mode, 'hybrid');
  assert.is(cgroupMounts(v2('/sys/fs/cgroup')).mode, 'v2');
  assert.is(cgroupMounts(v1).mounts['memory'], '/sys/fs/cgroup/memory');
});

test("the engine's group stands below the asked parent in v2 only, where systemd would take its controllers away", () => {
  const names = { cgroupParent: 'tscompose' };
  const parent = (asked: string | undefined, mode: 'v1' | 'v2') => cgroupParent(names, { asked, mode });
  assert.equal([parent(undefined, 'v1'), parent('', 'v2')], ['tscompose', 'tscompose']);
  assert.equal([parent('/a/./b.slice/', 'v1'), parent('/a/./b.slice/', 'v2')], ['a/b.slice', 'a/b.slice/tscompose']);
});

test('the install command is that of the distribution', () => {
  const on = (osRelease: string, needsRefresh = false) => ({ osRelease, needsRefresh });
  const ubuntu = 'ID=ubuntu\nID_LIKE=debian\n';
  assert.is(installCommand(on(ubuntu), 'nftables'), 'apt-get install -y nftables');
  assert.is(installCommand(on(ubuntu, true), 'nftables'), 'apt-get update && apt-get install -y nftables');
  assert.is(installCommand(on('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'iproute2'), 'dnf install -y iproute');
  assert.is(installCommand(on('ID="opensuse-leap"\n'), 'crun'), 'zypper --non-interactive install crun');
  assert.is(installCommand(on('ID=nixos\n'), 'crun'), undefined);
});

test.run();

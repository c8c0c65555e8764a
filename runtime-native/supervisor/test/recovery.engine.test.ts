// timeout: 120s
// Needs root, crun and busybox-static.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Container, eventually, execProcess, launch, makeWorld, run } from './supervised.ts';

const shell = async (container: Container, text: string): Promise<string> => {
  const session = container.request({
    op: 'exec',
    process: execProcess(['sh', '-c', text]),
    tty: false,
    stdin: false,
    detach: false,
  });
  await session.closed;
  return session.output.stdout();
};

/** A bridge of this test alone. */
function makeBridge(name: string, subnet: string): Disposable {
  run('ip', 'link', 'add', name, 'type', 'bridge');
  run('ip', 'addr', 'add', `${subnet}.1/24`, 'dev', name);
  run('ip', 'link', 'set', name, 'up');
  return { [Symbol.dispose]: () => void run('ip', 'link', 'del', name) };
}

const endpoint = (bridge: string, address: string) => ({
  bridge,
  interfaceName: 'eth0',
  mac: `02:42:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`,
  ipv4: `${address}/24`,
  gateway4: address.replace(/\.\d+$/, '.1'),
  mtu: 1400,
  hairpin: true,
});

test('cleanup after a killed supervisor ends the container and leaves a final status', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {});
  const reply = await container.start();
  assert.ok(reply.ok && reply.pid !== undefined && reply.supervisorPid !== undefined);
  const [busy] = await world.launch([{ op: 'cleanup', container }]);
  assert.is(busy?.ok === false ? busy.reason : '', 'busy');
  const [second] = await world.launch([{ op: 'start', container }]);
  assert.is(second?.ok === false ? second.reason : '', 'busy');
  process.kill(reply.supervisorPid, 'SIGKILL');
  await eventually(() => !existsSync(`/proc/${reply.supervisorPid}`));
  assert.ok(existsSync(`/proc/${reply.pid}`), 'the container outlives its supervisor');
  const [cleaned] = await world.launch([{ op: 'cleanup', container }]);
  assert.equal(cleaned, { id: 0, ok: true });
  assert.not(existsSync(`/proc/${reply.pid}`));
  for (const status of [container.status(), container.finalStatus()]) {
    assert.is(status?.state, 'exited');
    assert.is(status?.exitCode, 137);
    assert.is(status?.error, 'supervisor died');
  }
  for (const cgroup of container.spec.cgroups) assert.not(existsSync(cgroup.path), cgroup.path);
  const [nothing] = await world.launch([{ op: 'cleanup', container }]);
  assert.equal(nothing, { id: 0, ok: true });
  assert.ok((await container.start()).ok, 'it can start again');
});

test('SIGTERM to the supervisor is a stop', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', { args: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done'] });
  const reply = await container.start();
  assert.ok(reply.ok && reply.supervisorPid !== undefined);
  process.kill(reply.supervisorPid, 'SIGTERM');
  assert.is((await container.until((status) => status.state === 'exited')).exitCode, 0);
});

test('bad specifications are refused with the place', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {});
  const path = join(container.spec.runDir, 'supervisor.json');
  writeFileSync(path, JSON.stringify({ ...container.spec, stop: { signal: 99, timeoutMs: 1 } }));
  const reply = await container.start();
  assert.is(reply.ok ? '' : reply.reason, 'config');
  assert.match(reply.ok ? '' : reply.message, /stop: "signal" must be an integer from 1 to 64/);
  const [missing] = await launch([{ op: 'start', runDir: join(world.root, 'nowhere') }]);
  assert.is(missing?.ok === false ? missing.reason : '', 'config');
});

test('a rootfs that cannot be mounted is reported and leaves no cgroup', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {
    rootfs: { lower: ['/nonexistent'], upper: `${world.root}/state/a/upper`, work: `${world.root}/state/a/work` },
  });
  const reply = await container.start();
  assert.is(reply.ok ? '' : reply.reason, 'system');
  assert.match(reply.ok ? '' : reply.message, '/nonexistent');
  assert.is(container.finalStatus()?.exitCode, 128);
});

test('endpoints, sysctls, names and resolver work between containers; restart keeps the address', async () => {
  using _ = makeBridge('tsvtest0', '10.231.9');
  await using world = makeWorld('crun');
  const table = join(world.root, 'run', 'net');
  const member = (n: number) => ({
    network: {
      mode: 'private' as const,
      endpoints: [endpoint('tsvtest0', `10.231.9.${n}`)],
      sysctls: [{ key: 'net.ipv4.ip_unprivileged_port_start', value: '7' }],
    },
    dns: { tables: [table], upstreams: [], ipv6: false },
    names: [{ table, addresses: [`10.231.9.${n}`], names: [`svc${n}`], canonical: `c${n}` }],
  });
  const a = world.container('a', { ...member(2), restart: { policy: 'always', maxRetries: 0, delayMs: 10, maxDelayMs: 10 } });
  const b = world.container('b', member(3));
  const replies = await world.launch([
    { op: 'start', container: a },
    { op: 'start', container: b },
  ]);
  assert.ok(replies.every((reply) => reply.ok));
  assert.is(await shell(b, 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start'), '7\n');
  assert.match(
    await shell(b, 'ip addr show eth0'),
    /mtu 1400[\s\S]*02:42:0a:e7:09:03[\s\S]*10\.231\.9\.3\/24 brd 10\.231\.9\.255/,
  );
  assert.not.match(await shell(b, 'ip addr show eth0'), 'inet6');
  assert.match(await shell(b, 'ip route'), 'default via 10.231.9.1');
  assert.match(await shell(b, 'nslookup svc2 127.0.0.11'), '10.231.9.2');
  assert.not.match(run('ip', '-6', 'addr', 'show', 'master', 'tsvtest0'), 'inet6');
  const before = a.status()?.pid;
  assert.ok((await a.call({ op: 'kill', signal: 9 })).ok);
  await a.until((status) => status.state === 'running' && status.pid !== before && status.restartCount === 1);
  assert.match(await shell(a, 'ip addr show eth0'), '10.231.9.2/24');
  assert.match(readFileSync(join(table, 'names'), 'utf8'), /\t10\.231\.9\.2\tc2\tsvc2\n/);
  assert.ok((await a.call({ op: 'stop', timeoutMs: 0 })).ok);
  assert.not.match(readFileSync(join(table, 'names'), 'utf8'), '10.231.9.2');
});

test('an endpoint may have both address families; hairpin, host and joined namespaces are as asked', async () => {
  using _ = makeBridge('tsvtest2', '10.231.11');
  await using world = makeWorld('crun');
  const both = { ...endpoint('tsvtest2', '10.231.11.2'), ipv6: 'fd00:e7::2/64', gateway6: 'fd00:e7::1' };
  const first = world.container('a', { network: { mode: 'private', endpoints: [both], sysctls: [] } });
  const reply = await first.start();
  assert.ok(reply.ok && reply.pid !== undefined);
  assert.match(await shell(first, 'ip -6 addr show eth0'), 'fd00:e7::2/64');
  assert.match(await shell(first, 'ip -6 route'), 'default via fd00:e7::1');
  assert.match(run('bridge', '-d', 'link', 'show', 'master', 'tsvtest2'), 'hairpin on');
  const joined = world.container('b', { network: { mode: 'join', joinPid: reply.pid, endpoints: [], sysctls: [] } });
  const host = world.container('c', { network: { mode: 'host', endpoints: [], sysctls: [] } });
  await world.launch([
    { op: 'start', container: joined },
    { op: 'start', container: host },
  ]);
  assert.match(await shell(joined, 'ip addr'), '10.231.11.2/24');
  assert.match(await shell(host, 'ip addr'), 'tsvtest2');
});

test('a wrong endpoint is named and nothing of it is left', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {
    network: { mode: 'private', endpoints: [endpoint('tsvnone', '10.231.12.2')], sysctls: [] },
  });
  const reply = await container.start();
  assert.is(reply.ok ? '' : reply.reason, 'system');
  assert.match(reply.ok ? '' : reply.message, /endpoint "eth0" of bridge "tsvnone": interface "tsvnone": No such device/);
  for (const group of container.spec.cgroups) assert.not(existsSync(group.path));
});

test('a published port reaches the container; one that is taken is named', async () => {
  using _ = makeBridge('tsvtest1', '10.231.10');
  await using world = makeWorld('crun');
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  const hostPort = typeof address === 'object' && address !== null ? address.port : 0;
  const publish = (port: number) => ({
    ports: [{ hostIp: '127.0.0.1', hostPort: port, protocol: 'tcp' as const, containerIp: '10.231.10.2', containerPort: 80 }],
  });
  const network = { mode: 'private' as const, endpoints: [endpoint('tsvtest1', '10.231.10.2')], sysctls: [] };
  const container = world.container('a', {
    network,
    ...publish(hostPort),
    args: ['sh', '-c', 'while :; do echo served | nc -l -p 80; done'],
  });
  const clash = await container.start();
  assert.is(clash.ok ? '' : clash.reason, 'port');
  assert.match(clash.ok ? '' : clash.message, `127.0.0.1:${hostPort}/tcp`);
  await new Promise((resolve) => taken.close(resolve));
  assert.ok((await container.start()).ok);
  const answer = await fetchText(hostPort);
  assert.is(answer, 'served\n');
  // The proxy is started again when it dies.
  const children = run('ps', '-o', 'pid=,args=', '--ppid', String(container.status()?.supervisorPid)).split('\n');
  const proxy = children.find((line) => line.includes('launch'));
  process.kill(Number(proxy?.trim().split(' ')[0]), 'SIGKILL');
  await eventually(() => run('ps', '-o', 'args=', '--ppid', String(container.status()?.supervisorPid)).includes('launch'));
  assert.is(await fetchText(hostPort), 'served\n');
});

async function fetchText(port: number): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(port, '127.0.0.1');
      socket.on('data', (bytes) => {
        received += bytes.toString();
      });
      socket.on('error', () => undefined); // answered by close
      socket.on('close', () => resolve(received));
    });
    if (text !== '' || attempt === 40) return text;
    await new Promise((resolve) => setTimeout(resolve, 25)); // nc is between two connections
  }
}

test('an empty volume is filled from the image with all metadata, a used one is left alone', async () => {
  await using world = makeWorld('crun');
  const seed = join(world.root, 'lower', 'seed');
  mkdirSync(join(seed, 'sub'), { recursive: true });
  run(
    'sh',
    '-c',
    `cd ${seed}; echo 1 > f; ln f sub/g; ln -s /etc/passwd l; mknod dev c 1 3; chown 33:34 f; chmod 4755 f; truncate -s 1M hole; touch -d 2001-01-01 sub; chmod 1777 .; chown 5:6 .`,
  );
  const volume = join(world.root, 'volume');
  mkdirSync(volume);
  const prepare = [
    { kind: 'fill', from: '/seed', to: volume },
    { kind: 'fill', from: '/absent', to: volume },
  ] as const;
  assert.ok((await world.container('a', { prepare }).start()).ok);
  const f = statSync(join(volume, 'f'));
  assert.equal([f.uid, f.gid, f.mode & 0o7777, f.nlink], [33, 34, 0o4755, 2]);
  assert.is(statSync(join(volume, 'sub', 'g')).ino, f.ino);
  assert.is(run('readlink', join(volume, 'l')), '/etc/passwd\n');
  assert.is(statSync(join(volume, 'hole')).blocks, 0);
  assert.is(statSync(join(volume, 'sub')).mtime.getUTCFullYear(), 2001 - (new Date(2001, 0, 1).getTimezoneOffset() < 0 ? 1 : 0));
  assert.ok(statSync(join(volume, 'dev')).isCharacterDevice());
  assert.equal([statSync(volume).uid, statSync(volume).gid, statSync(volume).mode & 0o7777], [5, 6, 0o1777]);
  const used = join(world.root, 'used');
  mkdirSync(used);
  writeFileSync(join(used, 'mine'), '');
  assert.ok((await world.container('b', { prepare: [{ kind: 'fill', from: '/seed', to: used }] }).start()).ok);
  assert.not(existsSync(join(used, 'f')));
});

test('a fill cannot be led out of the image by a symbolic link', async () => {
  await using world = makeWorld('crun');
  run('ln', '-s', '/etc', join(world.root, 'lower', 'escape'));
  writeFileSync(join(world.root, 'lower', 'etc', 'inside'), '');
  const volume = join(world.root, 'volume');
  mkdirSync(volume);
  assert.ok((await world.container('a', { prepare: [{ kind: 'fill', from: '/escape', to: volume }] }).start()).ok);
  assert.ok(existsSync(join(volume, 'inside')));
  assert.not(existsSync(join(volume, 'passwd')));
});

test('a runtime that fails in silence, lies about the pid or leaves the process to another parent does no harm', async () => {
  await using world = makeWorld('fake');
  const silent = await world.container('silent', {}).start();
  assert.match(silent.ok ? '' : silent.message, 'status 9 and said nothing');
  const liar = await world.container('liar', {}).start();
  assert.is(liar.ok ? '' : liar.reason, 'runtime');
  const wordy = await world.container('wordy', {}).start();
  assert.is(wordy.ok ? '' : wordy.message, 'the words of the runtime');
  const foreign = world.container('foreign', {});
  const reply = await foreign.start();
  assert.ok(reply.ok && reply.pid !== undefined);
  const status = await foreign.until((s) => s.state === 'exited', 10_000);
  assert.is(status.exitCode, 137);
  await eventually(() => !existsSync(`/proc/${reply.pid}`));
});

test('frames and requests that are wrong are answered, not obeyed', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {});
  assert.ok((await container.start()).ok);
  for (const request of [
    { op: 'dance' },
    { op: 'kill' },
    { op: 'kill', signal: 0 },
    { op: 'stop', version: 2 },
    { op: 'exec', tty: false, stdin: false, detach: false },
  ]) {
    const reply = await container.call(request);
    assert.is(reply.ok ? '' : reply.reason, 'bad-request', JSON.stringify(request));
  }
  const session = container.request({ op: 'attach', stdin: false });
  session.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0]));
  await session.closed;
  assert.is(container.status()?.state, 'running');
});

test.run();

// timeout: 120s

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MountSpec } from '#core/engine/specs.ts';
import { canMount } from '#runtime/host/file-systems.ts';
import { resolvedOptions } from '#runtime/volumes/network-mount.ts';
import { busybox, type EngineFixture, engineFixture } from '../engine-fixture.ts';

const sleep = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' };
const volume = (name: string, target: string, more: Partial<Extract<MountSpec, { type: 'volume' }>> = {}): MountSpec => ({
  type: 'volume',
  volume: name,
  target,
  readOnly: false,
  noCopy: false,
  ...more,
});
const spec = (name: string, driverOpts: Readonly<Record<string, string>> = {}) => ({
  name,
  project: 'test',
  driver: 'local',
  driverOpts,
  labels: { colour: 'red' },
});

async function started(fixture: EngineFixture, name: string, mounts: readonly MountSpec[]): Promise<string> {
  const id = await fixture.create(name, sleep, { mounts });
  await fixture.engine.startContainer(id);
  return id;
}

const output = async (fixture: EngineFixture, id: string, command: string) => (await fixture.exec(id, command)).output.trim();

function hostDirectory() {
  const path = mkdtempSync('/tmp/tscv-');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test('an empty volume is filled from the image with owner and mode, unless nocopy; its data outlives the container', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  for (const name of ['filled', 'bare']) await engine.createVolume(spec(name));
  const one = await started(fixture, 'one', [volume('filled', '/etc'), volume('bare', '/root', { noCopy: true })]);
  assert.is(await output(fixture, one, 'ls /root'), '');
  const inImage = await started(fixture, 'plain', []);
  const listing = 'cd /etc && stat -c "%n %u:%g %a" passwd group . | sort';
  assert.is(await output(fixture, one, listing), await output(fixture, inImage, listing));
  await fixture.exec(one, 'echo mine > /etc/own');
  await engine.stopContainer(one, { timeoutMs: 0 });
  await engine.removeContainer(one, { volumes: true });
  const two = await started(fixture, 'two', [
    volume('filled', '/data', { subpath: 'own' }),
    volume('filled', '/all', { readOnly: true }),
  ]);
  assert.is(await output(fixture, two, 'cat /data'), 'mine', 'subpath, a file');
  assert.match(await output(fixture, two, 'echo x > /all/own'), 'Read-only');
  const observed = await engine.observe({ project: 'test', images: [], networks: [], volumes: [], ports: [], files: [] });
  assert.equal(observed.volumes.find((entry) => entry.name === 'filled')?.labels['colour'], 'red');
  const inUse = await engine.removeVolume('filled').catch((error: unknown) => error);
  assert.match(String(inUse), /"filled".*"?two/);
});

test('driver options: a bind of a host directory, and shared memory of a size', async () => {
  await using fixture = await engineFixture();
  using host = hostDirectory();
  writeFileSync(join(host.path, 'there'), 'from the host');
  await fixture.engine.createVolume(spec('bound', { type: 'none', o: 'bind', device: host.path }));
  await fixture.engine.createVolume(spec('quick', { type: 'tmpfs', o: 'size=1m,mode=0750,uid=7', device: 'tmpfs' }));
  const mounts = [volume('bound', '/bound'), volume('quick', '/quick')];
  const one = await started(fixture, 'one', mounts);
  const two = await started(fixture, 'two', mounts);
  assert.is(await output(fixture, one, 'cat /bound/there'), 'from the host');
  assert.is(await output(fixture, one, 'stat -c "%u %a" /quick'), '7 750');
  await fixture.exec(one, 'echo shared > /quick/file');
  assert.is(await output(fixture, two, 'cat /quick/file'), 'shared');
  assert.match(await output(fixture, two, 'dd if=/dev/zero of=/quick/big bs=1k count=2000 2>&1'), 'No space');
  await fixture.engine.createVolume(spec('gone', { type: 'none', o: 'bind', device: join(host.path, 'nothing') }));
  const refused = await started(fixture, 'three', [volume('gone', '/x')]).catch((error: unknown) => error);
  assert.match(String(refused), /nothing.*does not exist/);
});

test('anonymous volumes are taken over by the next container and go with the last one', async () => {
  await using fixture = await engineFixture();
  const anonymous: MountSpec = { type: 'volume', target: '/data', readOnly: false, noCopy: false };
  const old = await started(fixture, 'old', [anonymous]);
  await fixture.exec(old, 'echo kept > /data/file');
  const next = await fixture.create('next', sleep, { mounts: [anonymous], inheritVolumesFrom: old });
  await fixture.engine.stopContainer(old, { timeoutMs: 0 });
  await fixture.engine.removeContainer(old, { volumes: true });
  await fixture.engine.startContainer(next);
  assert.is(await output(fixture, next, 'cat /data/file'), 'kept');
  const source = (await fixture.engine.listContainers())[0]?.mounts[0]?.source ?? '';
  assert.ok(existsSync(join(fixture.root, 'volumes', source)));
  await fixture.engine.stopContainer(next, { timeoutMs: 0 });
  await fixture.engine.removeContainer(next, { volumes: true });
  assert.not(existsSync(join(fixture.root, 'volumes', source)));
});

test('binds: missing paths are made or refused, propagation reaches in, recursion can be off; tmpfs and images', async () => {
  await using fixture = await engineFixture();
  using host = hostDirectory();
  mkdirSync(join(host.path, 'below'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', host.path]);
  try {
    execFileSync('mount', ['--make-shared', host.path]);
    mkdirSync(join(host.path, 'inner'));
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(host.path, 'inner')]);
    writeFileSync(join(host.path, 'inner/file'), 'inner');
    mkdirSync(join(host.path, 'later'));
    const bind = (target: string, more: Partial<Extract<MountSpec, { type: 'bind' }>> = {}): MountSpec => ({
      type: 'bind',
      source: host.path,
      target,
      readOnly: false,
      createHostPath: true,
      ...more,
    });
    const id = await started(fixture, 'one', [
      bind('/slave', { propagation: 'rslave' }),
      bind('/private'),
      bind('/flat', { recursive: 'disabled' }),
      bind('/made', { source: join(host.path, 'made/deep') }),
      { type: 'tmpfs', target: '/quick', readOnly: false, sizeBytes: 65_536, mode: 0o700 },
      { type: 'image', image: busybox, target: '/image', subpath: 'bin' },
    ]);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(host.path, 'later')]);
    writeFileSync(join(host.path, 'later/file'), 'later');
    assert.is(await output(fixture, id, 'cat /slave/inner/file /slave/later/file'), 'innerlater');
    assert.is(
      await output(fixture, id, 'cat /private/inner/file; ls /private/later'),
      'inner',
      'private: what comes later does not',
    );
    assert.is(await output(fixture, id, 'ls /flat/inner'), '', 'not recursive');
    assert.ok(existsSync(join(host.path, 'made/deep')));
    assert.match(await output(fixture, id, 'stat -c %a /quick; df -k /quick'), /^700\n[\s\S]* 64 /);
    assert.match(await output(fixture, id, 'ls /image/busybox; touch /image/x'), /\/image\/busybox\n.*Read-only/);
    const refused = await fixture
      .create('two', sleep, { mounts: [bind('/x', { source: '/no/such', createHostPath: false })] })
      .catch((error: unknown) => error);
    assert.match(String(refused), '/no/such');
    await fixture.engine.stopContainer(id, { timeoutMs: 0 });
  } finally {
    execFileSync('umount', ['-R', host.path]);
  }
});

test('a network file system: the server’s name becomes an address; what the kernel or nobody knows is said before the start', async () => {
  const resolve = async (name: string) => (name === 'nas.lan' ? '192.0.2.7' : name);
  const options = 'rw,addr=nas.lan,nfsvers=4';
  assert.is(await resolvedOptions({ fstype: 'nfs', options }, resolve), 'rw,addr=192.0.2.7,nfsvers=4');
  assert.is(await resolvedOptions({ fstype: 'ext4', options }, resolve), options);
  await using fixture = await engineFixture();
  const refusal = async (name: string, driverOpts: Record<string, string>) => {
    await fixture.engine.createVolume({ name, project: 'test', driver: 'local', driverOpts, labels: {} });
    const mounts: MountSpec[] = [{ type: 'volume', volume: name, target: '/data', readOnly: false, noCopy: false }];
    const id = await fixture.create(name, sleep, { mounts });
    return String(await fixture.engine.startContainer(id).catch((error: unknown) => error));
  };
  assert.match(
    await refusal('strange', { type: 'no-such-fs', device: ':/x' }),
    /volume "strange".*"type".*no file system "no-such-fs"/,
  );
  // Where the kernel knows NFS there is no server to ask.
  if (canMount('nfs')) return;
  assert.match(await refusal('share', { type: 'nfs', device: ':/export', o: 'addr=127.0.0.1' }), /no file system "nfs"/);
});

test.run();

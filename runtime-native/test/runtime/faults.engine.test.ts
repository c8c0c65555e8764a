// timeout: 180s
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '#core/model/project.ts';
import { instanceNames } from '#runtime/host/instance-names.ts';
import { processStartTime } from '#runtime/host/process-identity.ts';
import { findProgram } from '#runtime/host/programs.ts';
import { engineFixture, networkSpec } from '../engine-fixture.ts';

const query = { project: 'test', images: [], networks: [], volumes: [], ports: [], files: [] };

test('a killed supervisor: the next reading kills what is left, frees the port, and a start works again', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('test_default'));
  const id = await fixture.create(
    'web',
    { command: ['sleep', '1000'], ports: [{ target: 80, published: '21095' }] },
    { endpoints: [{ network: 'test_default', aliases: ['web'] }] },
  );
  await engine.startContainer(id);
  const [before] = await engine.listContainers();
  const runDir = join(fixture.root, 'run', 'containers', id.slice(0, 24));
  const { supervisorPid } = JSON.parse(readFileSync(join(runDir, 'status.json'), 'utf8'));
  process.kill(supervisorPid, 'SIGKILL');
  while (processStartTime(supervisorPid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  await using next = await fixture.reopen();
  const observed = await next.observe(query);
  assert.is(observed.containers[0]?.state, 'exited');
  assert.is(observed.containers[0]?.exitCode, 137);
  assert.not.ok(existsSync(`/proc/${before?.pid}`), 'its process is gone');
  const table = execFileSync('nft', ['list', 'table', 'inet', instanceNames(fixture.root).nftTable], { encoding: 'utf8' });
  assert.not.match(table, /21095/);
  await next.startContainer(id);
  assert.is((await next.listContainers())[0]?.state, 'running');
});

test('a flushed rule set and a vanished bridge are made again by the next start', async () => {
  await using fixture = await engineFixture();
  await fixture.engine.createNetwork(networkSpec('test_default'));
  const table = instanceNames(fixture.root).nftTable;
  execFileSync('nft', ['delete', 'table', 'inet', table]);
  const bridge = /"(tsc-[0-9a-f]{8})"/;
  const id = await fixture.create(
    'web',
    { command: ['sleep', '1000'] },
    { endpoints: [{ network: 'test_default', aliases: ['web'] }] },
  );
  {
    await using next = await fixture.reopen();
    await next.startContainer(id);
    const rules = execFileSync('nft', ['list', 'table', 'inet', table], { encoding: 'utf8' });
    const name = bridge.exec(rules)?.[1] ?? '';
    await next.stopContainer(id, { timeoutMs: 0 });
    execFileSync('ip', ['link', 'delete', name]);
  }
  await using later = await fixture.reopen();
  await later.startContainer(id);
  assert.match((await fixture.exec(id, 'ip addr show eth0')).output, /inet 10\./);
});

test('a killed command leaves nothing that the next one trips over', async () => {
  await using fixture = await engineFixture();
  const script = `
    import { openNativeEngine } from '#runtime/native-engine.ts';
    import { containerSpec } from '${join(import.meta.dirname, '../engine-fixture.ts')}';
    const engine = await openNativeEngine({ env: process.env, onNotice: () => {} });
    for (let n = 0; ; n++) {
      const { id } = await engine.createContainer(containerSpec('victim' + n, { command: ['sleep', '1000'] }));
      await engine.startContainer(id);
    }`;
  const env = { ...process.env, TSCOMPOSE_ROOT: fixture.root };
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    env,
    cwd: join(import.meta.dirname, '../../..'),
    stdio: 'ignore',
  });
  while ((await fixture.engine.listContainers()).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  const { containers } = await fixture.engine.observe(query);
  for (const { id } of containers) {
    await fixture.engine.startContainer(id);
    await fixture.engine.stopContainer(id, { timeoutMs: 0 });
  }
  assert.ok(containers.length >= 3);
});

test('secrets are files of their owner, not in the database, and the container is confined', async () => {
  await using fixture = await engineFixture();
  const content = new Secret('correct horse battery');
  const id = await fixture.create(
    'vault',
    { command: ['sleep', '1000'], mem_limit: '33554432', pids_limit: 50, cpus: 0.5, cap_drop: ['ALL'], read_only: true },
    { files: [{ target: '/run/secrets/key', source: { content }, uid: 1000, gid: 1000, mode: 0o440, secret: true }] },
  );
  for (const file of ['state.db', 'state.db-wal']) {
    assert.not.match(readFileSync(join(fixture.root, file), 'latin1'), /correct horse/);
  }
  await fixture.engine.startContainer(id);
  const owner = { user: '1000:1000' };
  assert.is((await fixture.exec(id, 'stat -c "%u %g %a" /run/secrets/key')).output, '1000 1000 440\n');
  assert.is((await fixture.exec(id, 'cat /run/secrets/key', owner)).output, 'correct horse battery');
  assert.is((await fixture.exec(id, 'cat /run/secrets/key')).exitCode, 1, 'root without capabilities is not the owner');
  const inside = (
    await fixture.exec(id, 'grep -E "CapEff|Seccomp:" /proc/self/status; unshare -m true; touch /x; mount -t tmpfs x /mnt')
  ).output;
  assert.match(inside, /CapEff:\s0000000000000000\nSeccomp:\s2/);
  assert.match(inside, /Operation not permitted/);
  assert.match(inside, /Read-only file system/);
  const cgroup = (name: string, file: string) =>
    readFileSync(`/sys/fs/cgroup/${name}/${instanceNames(fixture.root).cgroupParent}/${id}/${file}`, 'latin1').trim();
  if (existsSync('/sys/fs/cgroup/memory')) {
    assert.is(cgroup('memory', 'memory.limit_in_bytes'), '33554432');
    assert.is(cgroup('pids', 'pids.max'), '50');
    assert.is(cgroup('cpu', 'cpu.cfs_quota_us'), '50000');
    assert.match(cgroup('devices', 'devices.list'), /c 1:3 rwm/);
    assert.not.match(cgroup('devices', 'devices.list'), /a \*:\*/);
  }
});

test('a named volume is filled from the image once; an anonymous one is handed over to the successor', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createVolume({ name: 'test_home', project: 'test', driver: 'local', driverOpts: {}, labels: {} });
  const mounts = [
    { type: 'volume', volume: 'test_home', target: '/home', readOnly: false, noCopy: false },
    { type: 'volume', target: '/data', readOnly: false, noCopy: false },
  ] as const;
  const first = await fixture.create('first', { command: ['sh', '-c', 'echo kept > /data/mark; sleep 1000'] }, { mounts });
  await engine.startContainer(first);
  assert.is((await fixture.exec(first, 'stat -c "%u %n" /home/app')).output, '1000 /home/app\n');
  await engine.stopContainer(first, { timeoutMs: 0 });
  const second = await fixture.create('second', { command: ['sleep', '1000'] }, { mounts, inheritVolumesFrom: first });
  await engine.removeContainer(first, { volumes: true });
  await engine.startContainer(second);
  assert.is((await fixture.exec(second, 'cat /data/mark')).output, 'kept\n');
});

test('a ready-made seccomp filter confines the container and what is run in it as the compiled one does', async () => {
  await using fixture = await engineFixture();
  const confined = async (name: string): Promise<{ output: string; config: string }> => {
    const id = await fixture.create(name, { command: ['sleep', '1000'] });
    await fixture.engine.startContainer(id);
    const { output } = await fixture.exec(id, 'grep -h Seccomp /proc/1/status /proc/self/status; unshare -U true');
    const config = readFileSync(join(fixture.root, 'run', 'containers', id.slice(0, 24), 'config.json'), 'utf8');
    return { output, config };
  };
  const first = await confined('first');
  const second = await confined('second');
  assert.match(first.output, /^(Seccomp:\t2\nSeccomp_filters:\t1\n){2}.*Operation not permitted/);
  assert.is(second.output, first.output);
  assert.not.match(first.config, /run\.oci\.seccomp_bpf_data/);
  // runc knows no such annotation and compiles the profile each time.
  if (findProgram('crun') !== undefined) assert.match(second.config, /run\.oci\.seccomp_bpf_data/);
});

test.run();

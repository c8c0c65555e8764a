// timeout: 180s
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { containerSpec, engineFixture, machineState, networkSpec } from '../engine-fixture.ts';
import { until } from '../network/who.ts';

for (const runtime of ['crun', 'runc']) {
  test(`${runtime}: a container lives from create to remove and leaves nothing`, async () => {
    let root = '';
    {
      await using fixture = await engineFixture();
      const { engine } = fixture;
      root = fixture.root;
      await engine.createNetwork(networkSpec('test_default'));
      await engine.createVolume({ name: 'test_data', project: 'test', driver: 'local', driverOpts: {}, labels: {} });
      const id = await fixture.create(
        'web',
        {
          runtime,
          command: ['sh', '-c', 'echo out; echo err >&2; echo kept > /data/file; exec sleep 1000'],
          environment: { GREETING: 'hello', PATH: '/bin:/usr/bin' },
          working_dir: '/tmp',
          user: 'app',
        },
        {
          endpoints: [{ network: 'test_default', aliases: ['web'] }],
          mounts: [{ type: 'volume', volume: 'test_data', target: '/data', readOnly: false, noCopy: false }],
        },
      );
      const [created] = await engine.listContainers();
      assert.is(created?.state, 'created');
      await engine.startContainer(id);
      await engine.startContainer(id);
      assert.equal(await engine.awaitContainer(id, 'running'), { outcome: 'satisfied' });
      const [running] = await engine.listContainers();
      assert.is(running?.state, 'running');
      // Empty for the moment in which the shell becomes `sleep`.
      await until(
        async () => /sleep/.test(readFileSync(`/proc/${running?.pid}/cmdline`, 'latin1')),
        "the process is the service's command",
      );
      assert.equal(await fixture.exec(id, 'echo $GREETING; pwd; id -u'), { exitCode: 0, output: 'hello\n/tmp\n1000\n' });
      assert.is((await fixture.exec(id, 'exit 7')).exitCode, 7);
      assert.is((await fixture.exec(id, ['/no/such/program'])).exitCode, 127);
      assert.is((await fixture.exec(id, ['/etc'])).exitCode, 126);
      assert.is((await fixture.exec(id, 'id -u; id -G', { user: 'root' })).output.split('\n')[0], '0');
      const busy = await engine.removeContainer(id, {}).catch((error: unknown) => error);
      assert.ok(hasCode(busy, 'engine.container-running'));
      await engine.stopContainer(id, { timeoutMs: 100 });
      const [stopped] = await engine.listContainers();
      assert.is(stopped?.state, 'exited');
      assert.is(stopped?.exitCode, 137);
      assert.is(stopped?.desired, 'stopped');
      assert.match(await fixture.logs(id), /^out\nerr\n|^err\nout\n/);
      await engine.startContainer(id);
      assert.is((await engine.listContainers())[0]?.state, 'running');
      const inUse = await engine.removeNetwork('test_default').catch((error: unknown) => error);
      assert.ok(hasCode(inUse, 'engine.network-in-use'));
      assert.ok(hasCode(await engine.removeVolume('test_data').catch((error: unknown) => error), 'engine.volume-in-use'));
      await engine.killContainer(id, 'SIGKILL');
      await engine.removeContainer(id, { volumes: true });
      await engine.removeContainer(id, {});
      await engine.removeNetwork('test_default');
      await engine.removeVolume('test_data');
    }
    const left = machineState(root);
    assert.equal({ table: left.table, cgroups: left.cgroups, mounts: left.mounts }, { table: false, cgroups: [], mounts: 0 });
  });
}

test('a command that does not exist fails the start with 127, and the next command sees a container that never ran', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('bad', { command: ['/no/such/program'] });
  const error = await fixture.engine.startContainer(id).catch((one: unknown) => one);
  assert.ok(hasCode(error, 'engine.start-failed'));
  assert.match(String(error), /no\/such\/program/);
  const [container] = await fixture.engine.listContainers();
  assert.is(container?.desired, 'stopped');
  assert.is(container?.pid, undefined);
});

test('the exit code and the output of a short container are kept', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('job', { command: ['sh', '-c', 'echo one; echo two; exit 3'] });
  await fixture.engine.startContainer(id);
  assert.equal(await fixture.engine.awaitContainer(id, 'exited'), { outcome: 'satisfied', exitCode: 3 });
  assert.is(await fixture.logs(id), 'one\ntwo\n');
  const last: string[] = [];
  for await (const entry of fixture.engine.logs(id, { follow: true, tail: 1 })) last.push(entry.text);
  assert.equal(last, ['two']);
});

test('pause stops the processes and unpause lets them go on', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('paused', { command: ['sleep', '1000'] });
  await fixture.engine.startContainer(id);
  await fixture.engine.pauseContainer(id);
  assert.is((await fixture.engine.listContainers())[0]?.state, 'paused');
  await fixture.engine.unpauseContainer(id);
  assert.is((await fixture.engine.listContainers())[0]?.state, 'running');
});

test('health checks decide "healthy" and "unhealthy"', async () => {
  await using fixture = await engineFixture();
  const check = (test: string) => ({ test: ['CMD-SHELL', test], interval: '100ms', timeout: '5s', retries: 2 });
  const good = await fixture.create('good', { command: ['sleep', '1000'], healthcheck: check('true') });
  const bad = await fixture.create('bad', { command: ['sleep', '1000'], healthcheck: check('echo broken; false') });
  const none = await fixture.create('none', { command: ['sleep', '1000'] });
  for (const id of [good, bad, none]) await fixture.engine.startContainer(id);
  assert.equal(await fixture.engine.awaitContainer(good, 'healthy'), { outcome: 'satisfied' });
  assert.equal(await fixture.engine.awaitContainer(bad, 'healthy'), { outcome: 'unhealthy', output: 'broken\n' });
  assert.equal(await fixture.engine.awaitContainer(none, 'healthy'), { outcome: 'no-healthcheck' });
  assert.equal(await fixture.engine.awaitContainer(none, 'running_or_healthy'), { outcome: 'satisfied' });
});

test('a name can be taken once, and a container can be renamed to a free one', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('first', { command: ['true'] });
  const taken = await fixture.engine.createContainer(containerSpec('first', { command: ['true'] })).catch((one: unknown) => one);
  assert.ok(hasCode(taken, 'engine.name-taken'));
  await fixture.engine.renameContainer(id, 'second');
  assert.is((await fixture.engine.listContainers())[0]?.name, 'second');
});

test('watch tells creation, start, death and removal', async () => {
  await using fixture = await engineFixture();
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const one of fixture.engine.watch('test', stop.signal)) {
      seen.push(one.change);
      if (one.change === 'removed') stop.abort();
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const id = await fixture.create('watched', { command: ['sh', '-c', 'sleep 0.3'] });
  await fixture.engine.startContainer(id);
  await fixture.engine.awaitContainer(id, 'exited');
  while (!seen.includes('died')) await new Promise((resolve) => setTimeout(resolve, 50));
  await fixture.engine.removeContainer(id, {});
  await watching;
  assert.equal(seen, ['created', 'started', 'died', 'removed']);
});

test.run();

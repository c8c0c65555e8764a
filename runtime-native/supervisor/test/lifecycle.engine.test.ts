// timeout: 120s
// Needs root, crun, runc and busybox-static.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Container, eventually, execProcess, makeWorld } from './supervised.ts';

const exited = (container: Container, timeoutMs?: number) => container.until((status) => status.state === 'exited', timeoutMs);

for (const kind of ['crun', 'runc'] as const) {
  test(`${kind}: a container starts, logs both streams, stops on its signal and leaves nothing`, async () => {
    await using world = makeWorld(kind);
    const text = 'echo out; echo err >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.05; done';
    const container = world.container('a', { args: ['sh', '-c', text] });
    const reply = await container.start();
    assert.ok(reply.ok && reply.pid !== undefined && reply.supervisorPid !== undefined);
    const running = container.status();
    assert.is(running?.state, 'running');
    assert.is(running?.pid, reply.pid);
    await eventually(() => container.log().length >= 2);
    assert.equal(await container.call({ op: 'stop' }), { id: 7, ok: true, event: 'done' });
    assert.is(container.finalStatus()?.state, 'exited');
    assert.is(container.finalStatus()?.exitCode, 3);
    assert.equal(
      container
        .log()
        .map((line) => `${line.stream} ${line.log}`)
        .sort(),
      ['stderr err\n', 'stdout bye\n', 'stdout out\n'],
    );
    assert.not(existsSync(join(container.spec.runDir, 'control.sock')));
    for (const cgroup of container.spec.cgroups) assert.not(existsSync(cgroup.path), cgroup.path);
    assert.equal(readdirSync(container.spec.runtime.root), []);
  });

  test(`${kind}: a program that is missing or no program is told apart from other failures`, async () => {
    await using world = makeWorld(kind);
    const missing = await world.container('a', { args: ['nosuch'] }).start();
    assert.is(missing.ok ? '' : missing.reason, 'not-found');
    const container = world.container('b', { args: ['/bin/unexecutable'] });
    const refused = await container.start();
    assert.is(refused.ok ? '' : refused.reason, 'not-executable');
    assert.is(container.finalStatus()?.exitCode, 126);
    assert.match(container.finalStatus()?.error ?? '', 'ermission denied');
    for (const cgroup of container.spec.cgroups) assert.not(existsSync(cgroup.path), cgroup.path);
    const again = await container.start();
    assert.is(again.ok ? '' : again.reason, 'not-executable');
  });

  test(`${kind}: exec carries streams, input and exit code`, async () => {
    await using world = makeWorld(kind);
    const container = world.container('a', {});
    assert.ok((await container.start()).ok);
    const process = execProcess(['sh', '-c', 'echo out; echo err >&2; cat; exit 5']);
    const session = container.request({ op: 'exec', process, tty: false, stdin: true, detach: false });
    await session.until(() => session.replies.length > 0);
    session.send(1, 'typed\n');
    session.send(1, '');
    await session.closed;
    assert.is(session.output.stdout(), 'out\ntyped\n');
    assert.is(session.output.stderr(), 'err\n');
    assert.equal(session.replies.at(-1), { id: 7, ok: true, event: 'exited', exitCode: 5 });
    for (const [name, reason] of [
      ['nosuch', 'not-found'],
      ['/bin/unexecutable', 'not-executable'],
    ] as const) {
      const reply = await container.call({ op: 'exec', process: execProcess([name]), tty: false, stdin: false, detach: false });
      assert.is(reply.ok ? '' : reply.reason, reason);
    }
    assert.equal(
      readdirSync(container.spec.runDir).filter((name) => /^(job|exec)-/.test(name)),
      [],
    );
  });

  test(`${kind}: a terminal takes input and sizes`, async () => {
    await using world = makeWorld(kind);
    const process = { tty: true, stdinOpen: true, rows: 20, columns: 70 };
    const container = world.container('a', {
      args: ['sh', '-c', 'read x; stty size; read x; stty size; echo got $x; exit 4'],
      process,
    });
    assert.ok((await container.start()).ok);
    const session = container.request({ op: 'attach', stdin: true });
    await session.until(() => session.replies.length > 0);
    session.send(1, 'first\n');
    await session.until(() => session.output.stdout().includes('20 70'));
    session.send(0, JSON.stringify({ resize: { rows: 33, columns: 99 } }));
    session.send(1, 'second\n');
    await session.closed;
    assert.match(session.output.stdout(), /33 99\r\ngot second/);
    assert.equal(session.replies.at(-1), { id: 7, ok: true, event: 'exited', exitCode: 4 });
    const other = world.container('b', {});
    assert.ok((await other.start()).ok);
    const exec = other.request({
      op: 'exec',
      // crun 1.8 gives the terminal no size: the supervisor does, when the program runs already.
      process: execProcess(['sh', '-c', 'tty; until stty size 2>&- | grep "5 6"; do sleep 0.02; done'], true),
      tty: true,
      stdin: false,
      detach: false,
      rows: 5,
      columns: 6,
    });
    await exec.closed;
    assert.is(exec.output.stdout(), '/dev/pts/0\r\n5 6\r\n');
  });

  test(`${kind}: pause freezes, unpause goes on, stop works on a paused container`, async () => {
    await using world = makeWorld(kind);
    const container = world.container('a', { args: ['sh', '-c', 'trap "exit 0" TERM; while :; do echo x; sleep 0.02; done'] });
    assert.ok((await container.start()).ok);
    assert.ok((await container.call({ op: 'pause' })).ok);
    assert.is(container.status()?.state, 'paused');
    const refused = await container.call({ op: 'exec', process: execProcess(['true']), tty: false, stdin: false, detach: false });
    assert.is(refused.ok ? '' : refused.reason, 'not-running');
    await sleep(50);
    const lines = container.log().length;
    await sleep(100);
    assert.is(container.log().length, lines);
    assert.ok((await container.call({ op: 'unpause' })).ok);
    await eventually(() => container.log().length > lines);
    assert.ok((await container.call({ op: 'pause' })).ok);
    assert.ok((await container.call({ op: 'stop' })).ok);
    assert.is(container.finalStatus()?.exitCode, 0);
  });

  test(`${kind}: on-failure restarts up to its limit, with the writable layer kept`, async () => {
    await using world = makeWorld(kind);
    const restart = { policy: 'on-failure', maxRetries: 3, delayMs: 10, maxDelayMs: 100 } as const;
    const container = world.container('a', { args: ['sh', '-c', 'echo x >> /data/runs; wc -l < /data/runs; exit 4'], restart });
    assert.ok((await container.start()).ok);
    const status = await exited(container);
    assert.is(status.restartCount, 3);
    assert.is(status.exitCode, 4);
    assert.equal(
      container.log().map((line) => line.log),
      ['1\n', '2\n', '3\n', '4\n'],
    );
  });
}

test('stop escalates to SIGKILL after the grace period, and a second stop can shorten it', async () => {
  await using world = makeWorld('crun');
  const args = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'];
  const container = world.container('a', { args, stop: { signal: 15, timeoutMs: 300 } });
  assert.ok((await container.start()).ok);
  await sleep(100);
  const begin = performance.now();
  assert.ok((await container.call({ op: 'stop' })).ok);
  assert.ok(performance.now() - begin >= 290, 'waits for the grace period');
  assert.is(container.finalStatus()?.exitCode, 137);
  const patient = world.container('b', { args, stop: { signal: 15, timeoutMs: 60_000 } });
  assert.ok((await patient.start()).ok);
  await sleep(100);
  const first = patient.call({ op: 'stop' });
  await patient.until((status) => status.state === 'stopping');
  assert.ok((await patient.call({ op: 'stop', timeoutMs: 0 })).ok);
  assert.ok((await first).ok);
});

test('always restarts with growing delays until it is stopped while it waits', async () => {
  await using world = makeWorld('crun');
  const restart = { policy: 'always', maxRetries: 0, delayMs: 20, maxDelayMs: 10_000 } as const;
  const container = world.container('a', { args: ['false'], restart });
  assert.ok((await container.start()).ok);
  await container.until((status) => status.restartCount >= 4);
  const status = await container.until((s) => s.state === 'restarting');
  assert.is(status.exitCode, 1);
  assert.is(status.pid, 0);
  assert.ok((await container.call({ op: 'stop' })).ok);
  assert.is(container.finalStatus()?.state, 'exited');
});

test('a health check turns unhealthy after its retries and healthy at once', async () => {
  await using world = makeWorld('crun');
  const health = {
    argv: ['sh', '-c', 'echo check; test -f /data/ok'],
    intervalMs: 50,
    timeoutMs: 2000,
    startPeriodMs: 0,
    startIntervalMs: 50,
    retries: 2,
  };
  const container = world.container('a', { health });
  assert.ok((await container.start()).ok);
  assert.is(container.status()?.health?.status, 'starting');
  const bad = await container.until((status) => status.health?.status === 'unhealthy');
  assert.is(bad.health?.failingStreak, 2);
  assert.is(bad.health?.log.at(-1)?.output, 'check\n');
  const session = container.request({
    op: 'exec',
    process: execProcess(['touch', '/data/ok']),
    tty: false,
    stdin: false,
    detach: true,
  });
  await session.closed;
  assert.is(session.replies.length, 1);
  const good = await container.until((status) => status.health?.status === 'healthy');
  assert.is(good.health?.failingStreak, 0);
  await container.until((status) => status.health?.log.length === 5);
});

test('a health check that takes too long fails; failures in the start period do not count', async () => {
  await using world = makeWorld('crun');
  const common = { intervalMs: 50, startIntervalMs: 20, retries: 1 };
  const slow = world.container('a', { health: { ...common, argv: ['sleep', '100'], timeoutMs: 100, startPeriodMs: 0 } });
  const early = world.container('b', { health: { ...common, argv: ['false'], timeoutMs: 1000, startPeriodMs: 600 } });
  await world.launch([
    { op: 'start', container: slow },
    { op: 'start', container: early },
  ]);
  const status = await slow.until((s) => s.health?.status === 'unhealthy');
  assert.is(status.health?.log[0]?.exitCode, -1);
  assert.match(status.health?.log[0]?.output ?? '', 'exceeded timeout (0.1s)');
  const still = await early.until((s) => (s.health?.log.length ?? 0) >= 3);
  assert.is(still.health?.status, 'starting');
  assert.is(still.health?.failingStreak, 0);
  await early.until((s) => s.health?.status === 'unhealthy');
});

test('a process killed for want of memory is reported as such', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', { args: ['sh', '-c', 'x=$(yes aaaaaaaaaaaaaaaaaaaaaaaaaa); echo $x'] });
  assert.ok((await container.start()).ok);
  const status = await exited(container, 10_000);
  assert.is(status.oomKilled, true);
  assert.is(status.exitCode, 137);
});

test('an exec session passes signals on; one whose client leaves loses its streams', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {});
  assert.ok((await container.start()).ok);
  const exec = { op: 'exec', tty: false, stdin: true, detach: false };
  const session = container.request({ ...exec, process: execProcess(['sleep', '1000']) });
  await session.until(() => session.replies.length > 0);
  session.send(0, JSON.stringify({ signal: 15 }));
  await session.closed;
  assert.equal(session.replies.at(-1), { id: 7, ok: true, event: 'exited', exitCode: 143 });
  const left = container.request({ ...exec, process: execProcess(['sh', '-c', 'cat; touch /data/left']) });
  await left.until(() => left.replies.length > 0);
  left.socket.destroy();
  await eventually(() => existsSync(join(container.spec.rootfs.upper, 'data', 'left')));
});

test('a client that does not read holds its exec process up, not the supervisor', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', {});
  assert.ok((await container.start()).ok);
  const process = execProcess(['sh', '-c', 'head -c 30000000 /dev/zero; touch /data/done']);
  const session = container.request({ op: 'exec', process, tty: false, stdin: false, detach: false });
  await session.until(() => session.replies.length > 0);
  session.socket.pause();
  await sleep(300);
  assert.not(existsSync(join(container.spec.rootfs.upper, 'data', 'done')));
  const pid = container.status()?.supervisorPid;
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  assert.ok(resident < 4096, `supervisor has ${resident} kB`);
  session.socket.resume();
  await session.closed;
  assert.is(session.output.stdout().length, 30_000_000);
});

test('attached input reaches the process; its end ends it', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', { args: ['wc', '-c'], process: { tty: false, stdinOpen: true } });
  assert.ok((await container.start()).ok);
  const session = container.request({ op: 'attach', stdin: true });
  session.send(1, Buffer.alloc(60_000, 'x'));
  session.send(1, Buffer.alloc(60_000, 'x'));
  session.send(1, '');
  await session.closed;
  assert.is(session.output.stdout(), '120000\n');
});

test('nothing is lost of a process that writes fast and ends', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', { args: ['seq', '1', '100000'] });
  assert.ok((await container.start()).ok);
  await exited(container, 20_000);
  const lines = container.log();
  assert.is(lines.length, 100_000);
  assert.is(lines[99_999]?.log, '100000\n');
});

test('no file descriptor of the supervisor reaches the container', async () => {
  await using world = makeWorld('crun');
  const container = world.container('a', { args: ['sh', '-c', 'ls /proc/self/fd | wc -l; exec sleep 1000'] });
  const reply = await container.start();
  assert.ok(reply.ok);
  await eventually(() => container.log().length > 0);
  assert.is(container.log()[0]?.log, '4\n'); // 0, 1, 2 and the directory that ls reads
  assert.equal(readdirSync(`/proc/${reply.ok ? reply.pid : 0}/fd`).sort(), ['0', '1', '2']);
  assert.match(readFileSync(`/proc/${reply.ok ? reply.supervisorPid : 0}/status`, 'utf8'), /SigBlk:\s+0*14003/);
});

test.run();

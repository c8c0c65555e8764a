// timeout: 300s
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skipFile } from '#tools/testing/skip.ts';
import { runApart } from './apart.ts';

if (!existsSync('/usr/bin/dockerd') && !existsSync('/usr/sbin/dockerd')) skipFile('needs dockerd');

test('beside a running dockerd, which drops what is forwarded, containers reach each other and the outside, before and after its restart', () => {
  const { policy, results, left } = runApart(`
    const { spawn } = await import('node:child_process');
    const { once } = await import('node:events');
    const { mkdtempSync, rmSync } = await import('node:fs');
    ip('link', 'set', 'lo', 'up');
    // Who turns forwarding on takes care that not everybody's packets are.
    run('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
    const state = mkdtempSync('/tmp/tscd-');
    const startDaemon = async () => {
      const argv = ['--mount', 'dockerd', '-H', 'unix://' + state + '/sock', '--data-root', state + '/data', '--exec-root', state + '/run', '--pidfile', state + '/pid'];
      const daemon = spawn('unshare', argv, { stdio: 'ignore', timeout: 110_000, killSignal: 'SIGKILL' });
      for (let attempt = 0; attempt < 200; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        if (run('sh', ['-c', 'iptables -S DOCKER-USER 2>/dev/null || true']) !== '' && run('sh', ['-c', 'docker -H unix://' + state + '/sock version >/dev/null 2>&1 && echo yes || true']) !== '') return daemon;
      }
      throw new Error('dockerd does not answer');
    };
    const stopDaemon = async (daemon) => {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
    };
    const outside = spawn('unshare', ['--net', 'sleep', '280'], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 400 && run('readlink', ['/proc/' + outside.pid + '/ns/net']) === run('readlink', ['/proc/self/ns/net']); attempt++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    ip('link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(outside.pid));
    ip('addr', 'add', '198.18.0.1/24', 'dev', 'out0');
    ip('link', 'set', 'out0', 'up');
    run('nsenter', ['--net=/proc/' + outside.pid + '/ns/net', 'sh', '-c', 'ip addr add 198.18.0.2/24 dev eth0 && ip link set eth0 up']);
    let daemon = await startDaemon();
    const results = [];
    let policy = '';
    const { engine } = fixture;
    try {
      await make('net', 'tsc-dk24');
      const ids = [];
      for (const name of ['one', 'two']) {
        const id = await fixture.create(name, { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' }, { endpoints: [{ network: 'net', aliases: [name] }] });
        await engine.startContainer(id);
        ids.push(id);
      }
      const reach = async () => {
        for (const target of ['two', '198.18.0.2']) {
          const command = 'i=0; until ping -c 1 -W 1 ' + target + ' >/dev/null; do i=$((i+1)); [ $i -lt 20 ] || exit 1; done';
          results.push((await fixture.exec(ids[0], command)).exitCode);
        }
      };
      await reach();
      await stopDaemon(daemon);
      daemon = await startDaemon();
      await reach();
      policy = iptables('-S', 'FORWARD').split('\\n')[0];
    } finally {
      for (const one of await engine.listContainers()) {
        await engine.stopContainer(one.id, { timeoutMs: 0 });
        await engine.removeContainer(one.id, {});
      }
      await engine.removeNetwork('net');
      await stopDaemon(daemon);
      outside.kill('SIGKILL');
      rmSync(state, { recursive: true, force: true });
    }
    console.log(JSON.stringify({ policy, results, left: iptables('-S').split('\\n').filter((one) => one.includes('tsc-dk24')) }));
  `) as { policy: string; results: readonly number[]; left: readonly string[] }; // the script's output
  assert.is(policy, '-P FORWARD DROP');
  assert.equal(results, [0, 0, 0, 0]);
  assert.equal(left, [], 'no rule of ours stays');
});

test.run();

// timeout: 6m
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { runCommand } from '#tools/process/run-command.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { expect, scenario, type World } from '../../../../cli/test/scenario.ts';
import { makeImage } from './made-image.ts';
import { openStage } from './stage.ts';

if (process.getuid?.() !== 0) skipFile('needs root');
if (findProgram('dockerd') === undefined || findProgram('docker') === undefined) skipFile('needs dockerd');

const stage = openStage([28_380, 28_343, 28_314]);
const image = `${stage.address}/library/tool`;
const socket = `unix://${stage.home}/docker.sock`;

/** Runs the Docker client against our dockerd; the output, when it succeeds. */
async function docker(...argv: readonly string[]): Promise<string> {
  const { exitCode, output, stdout } = await runCommand({ argv: ['docker', '-H', socket, ...argv], timeoutMs: 120_000 });
  assert.is(exitCode, 0, `docker ${argv.join(' ')}: ${output}`);
  return stdout;
}

/** A dockerd that only pulls and pushes: it makes no bridge, no rules, and sees its own /etc/docker. Ended with the test. */
async function startDocker(world: World): Promise<AsyncDisposable> {
  const state = join(stage.home, 'dockerd');
  mkdirSync(state);
  const certificates = `/etc/docker/certs.d/${stage.address}`;
  const flags = `--bridge=none --iptables=false --ip-forward=false --data-root ${state}/data --exec-root ${state}/run --pidfile ${state}/pid`;
  const script = `mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && mkdir -p '${certificates}' &&
    cp '${stage.trust(world)}/ca.crt' '${certificates}/' && exec dockerd -H ${socket} ${flags} > ${state}/log 2>&1`;
  const daemon = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' });
  const ended = once(daemon, 'exit');
  for (let attempt = 0; attempt < 120; attempt++) {
    if ((await runCommand({ argv: ['docker', '-H', socket, 'version'], timeoutMs: 20_000 })).exitCode === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return {
    async [Symbol.asyncDispose]() {
      daemon.kill('SIGTERM');
      await ended;
    },
  };
}

scenario('docker and tscompose get the same images from the registry')
  .images('postgres', 'registry-core', 'registry-jobservice', 'docker-registry', 'nginx', 'redis', 'rsyslog')
  .act('prepare', (world) => stage.unfold(world))
  .step('up -d --wait', ['up', '-d', '--wait'], expect.healthy('proxy'))
  .act('an image', async (world) => {
    stage.trust(world);
    const directory = join(stage.home, 'layout');
    makeImage({ directory, name: `${image}:1`, layers: 5, bytesEach: 100_000 });
    assert.is((await world.run('image', 'load', '-i', directory)).status, 0);
  })
  .act('docker takes what tscompose pushed, and the other way round', async (world) => {
    await using _daemon = await startDocker(world);
    const password = 'administrator';
    const login = await runCommand({
      argv: ['sh', '-c', `echo ${password} | docker -H ${socket} login -u admin --password-stdin ${stage.address}`],
      timeoutMs: 60_000,
    });
    assert.is(login.exitCode, 0, login.output);
    // The client's file is the one that tscompose reads.
    const pushed = await world.run('image', 'push', `${image}:1`);
    assert.is(pushed.status, 0, pushed.stderr);
    await docker('pull', `${image}:1`);
    const digest = (text: string): string => /@?(sha256:[0-9a-f]{64})/.exec(text)?.[1] ?? `no digest in ${text}`;
    assert.is(
      digest(await docker('image', 'inspect', '--format', '{{index .RepoDigests 0}}', `${image}:1`)),
      digest(pushed.stdout),
    );

    await docker('tag', `${image}:1`, `${image}:2`);
    const words = await docker('push', `${image}:2`);
    const pulled = await world.run('image', 'pull', `${image}:2`);
    assert.is(pulled.status, 0, pulled.stderr);
    const id = async (name: string) => (await world.run('image', 'inspect', '--format', '{{.Id}}', name)).stdout.trim();
    assert.match(await id(`${image}:1`), /^sha256:/);
    assert.is(await id(`${image}:2`), await id(`${image}:1`), 'the same image, however its layers were packed');
    const listed = await stage.ask(world, { path: '/api/repositories/library/tool/artifacts' });
    assert.match(listed.text, digest(words));
  })
  .test();

test.run();

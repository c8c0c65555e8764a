// timeout: 10m
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '#tools/process/run-command.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { supervisorStatus } from '../../../../cli/test/scenario/supervisor-status.ts';
import { eventually, expect, scenario, type World } from '../../../../cli/test/scenario.ts';
import { makeImage } from './made-image.ts';
import { openStage, services } from './stage.ts';

if (process.getuid?.() !== 0) skipFile('needs root');

const patienceMs = 90_000;
const stage = openStage([28_180, 28_143, 28_114]);
const { address } = stage;
const big = `${address}/team/big:1`;
const many = `${address}/team/many:1`;
const digests = new Map<string, string>();

/** The API as somebody; the status must be `status`. */
async function ask(world: World, [method, path, as, body]: readonly [string, string, string?, unknown?], status = 200) {
  const answer = await stage.ask(world, {
    method,
    path,
    ...(as === undefined ? {} : { as }),
    ...(body === undefined ? {} : { body }),
  });
  assert.is(answer.status, status, `${method} ${path}: ${answer.text}`);
  return answer.text === '' ? undefined : (JSON.parse(answer.text) as unknown);
}

/** `tscompose login` as somebody, the password on stdin. */
async function logIn(world: World, user: string, password: string): Promise<{ readonly status: number; readonly words: string }> {
  const program = join(import.meta.dirname, '../../../../bin/tscompose');
  const child = spawn(program, ['login', '-u', user, '--password-stdin', address], {
    env: { ...process.env, TSCOMPOSE_ROOT: world.root },
    timeout: 60_000,
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += String(chunk)));
  child.stdin.end(password);
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on('close', (code) => resolve(code ?? 1));
  return { status: await promise, words };
}

const loggedIn = (user: string) => async (world: World) => {
  const { status, words } = await logIn(world, user, `${user}-password`);
  assert.is(status, 0, words);
};

/** What the log container has of one service. */
async function logOf(world: World, service: string): Promise<string> {
  const result = await world.run('exec', '-T', 'log', 'cat', `/var/log/services/${service}.log`);
  assert.is(result.status, 0, result.stderr);
  return result.stdout;
}

const isServing = eventually(async (world) => {
  for (const [name, digest] of digests) {
    const [, repository, tag] = /\/(.+):(.+)$/.exec(name.slice(address.length)) ?? [];
    const scope = encodeURIComponent(`repository:${repository}:pull`);
    const token = await ask(world, ['GET', `/service/token?service=registry&scope=${scope}`, 'dev:dev-password']);
    const answer = await stage.ask(world, {
      path: `/v2/${repository}/manifests/${tag}`,
      method: 'HEAD',
      headers: {
        Authorization: `Bearer ${(token as { token: string }).token}`,
        Accept: 'application/vnd.oci.image.manifest.v1+json',
      },
    });
    assert.is(answer.headers['docker-content-digest'], digest, `${name}: ${answer.status}`);
  }
  assert.ok(digests.size > 0, 'something was pushed');
}, patienceMs);

const allHealthy = eventually(async (world) => {
  for (const service of services) await expect.healthy(service)(world);
}, patienceMs);

/** Pushes and keeps the digest that the registry has it under. */
const push = (name: string) => async (world: World) => {
  const result = await world.run('image', 'push', name);
  assert.is(result.status, 0, result.stderr);
  digests.set(name, /@(sha256:\w+)/.exec(result.stdout)?.[1] ?? `no digest in ${result.stdout}`);
};

const pullAgain = (name: string) => async (world: World) => {
  const id = async () => (await world.run('image', 'inspect', '--format', '{{.Id}}', name)).stdout.trim();
  const before = await id();
  assert.is((await world.run('image', 'rm', name)).status, 0);
  const result = await world.run('image', 'pull', name);
  assert.is(result.status, 0, result.stderr);
  assert.is(await id(), before, `${name} is the same image`);
};

scenario('a registry of nine services does its work and survives')
  .images('postgres', 'registry-core', 'registry-jobservice', 'docker-registry', 'nginx', 'redis', 'rsyslog')
  .act('prepare', (world) => stage.unfold(world))
  .step('up -d --wait', ['up', '-d', '--wait'], allHealthy, (world) => {
    const at = (words: string): number => world.last.stderr.indexOf(`app-${words}`);
    for (const [first, then] of [
      ['log-1 Started', 'postgresql-1 Starting'],
      ['redis-1 Healthy', 'registry-1 Starting'],
      ['postgresql-1 Healthy', 'core-1 Starting'],
      ['core-1 Healthy', 'proxy-1 Starting'],
    ] as const)
      assert.ok(at(first) >= 0 && at(first) < at(then), `${first} before ${then}:\n${world.last.stderr}`);
  })
  .act('login without the authority is refused and says why', async (world) => {
    const { status, words } = await logIn(world, 'admin', 'administrator');
    assert.is(status, 1, words);
    assert.match(words, /signed by an authority that this machine does not know/);
    assert.match(words, `certs.d/${address}/ca.crt`);
  })
  .act('with it only the right password is taken', async (world) => {
    stage.trust(world);
    assert.is((await logIn(world, 'admin', 'wrong password')).status, 1);
    const { status, words } = await logIn(world, 'admin', 'administrator');
    assert.is(status, 0, words);
  })
  .act('a private project with a developer, and a user without rights', async (world) => {
    const admin = 'admin:administrator';
    await ask(world, ['POST', '/api/projects', admin, { name: 'team', isPublic: false }], 201);
    for (const name of ['dev', 'outsider'])
      await ask(world, ['POST', '/api/users', admin, { name, password: `${name}-password` }], 201);
    await ask(world, ['PUT', '/api/projects/team/members/dev', admin, { role: 'developer' }], 204);
  })
  .act('an image of 100 MB and one of many layers', async (world) => {
    for (const [name, layers, bytesEach] of [
      [big, 1, 100_000_000],
      [many, 60, 10_000],
    ] as const) {
      const directory = join(stage.home, 'layout');
      makeImage({ directory, name, layers, bytesEach });
      const result = await world.run('image', 'load', '-i', directory);
      assert.is(result.status, 0, result.stderr);
      rmSync(directory, { recursive: true });
    }
  })
  .act('the user without rights logs in', loggedIn('outsider'))
  .step('and may not push', ['image', 'push', many], expect.exit(1), expect.stderr(/denies access/))
  .act('the developer logs in', loggedIn('dev'))
  .act('pushes the large one', push(big))
  .act('pushes the one of many layers', push(many))
  .act('pulls the large one', pullAgain(big))
  .act('pulls the one of many layers', pullAgain(many))
  .act('the user without rights', loggedIn('outsider'))
  .step('may not pull', ['image', 'pull', many], expect.exit(1))
  .act('the catalogue shows both to the developer only', async (world) => {
    await eventually(async () => {
      const seen = (await ask(world, ['GET', '/api/repositories', 'dev:dev-password'])) as { name: string; sizeBytes: number }[];
      assert.equal(
        seen.map(({ name }) => name),
        ['team/big', 'team/many'],
      );
      assert.ok((seen[0]?.sizeBytes ?? 0) > 100_000_000, 'sizes are those of all layers');
    }, patienceMs)(world);
    assert.equal(await ask(world, ['GET', '/api/repositories', 'outsider:outsider-password']), []);
    await ask(world, ['GET', '/api/repositories/team/big/artifacts', 'outsider:outsider-password'], 404);
  })
  .act('skopeo sees the same digest and copies what it names', async (world) => {
    const directory = join(stage.home, 'copied');
    mkdirSync(directory);
    const certificates = stage.trust(world);
    const argv = ['skopeo', '--insecure-policy', 'copy', '--src-cert-dir', certificates, '--src-creds', 'dev:dev-password'];
    const copied = await runCommand({ argv: [...argv, `docker://${many}`, `dir:${directory}`], timeoutMs: patienceMs });
    assert.is(copied.exitCode, 0, copied.output);
    const digest = await runCommand({ argv: ['skopeo', 'manifest-digest', join(directory, 'manifest.json')], timeoutMs: 30_000 });
    assert.is(digest.stdout.trim(), digests.get(many));
    assert.is(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')).layers.length, 60);
  })
  .act(
    'every service has a log in the log container',
    eventually(async (world) => {
      for (const service of services.filter((one) => one !== 'log')) assert.match(await logOf(world, service), /\S/, service);
    }, patienceMs),
  )
  .act('nothing that is said while the log container restarts is lost', async (world) => {
    const restarting = world.run('restart', 'log');
    let isOver = false;
    void restarting.finally(() => {
      isOver = true;
    });
    let asked = 0;
    // Some before, some while it is away, some when it is back.
    for (let after = 0; after < 20; after += isOver ? 1 : 0) {
      await stage.ask(world, { path: `/nothing-here-${asked}-` });
      asked++;
    }
    assert.is((await restarting).status, 0, (await restarting).stderr);
    await eventually(async () => {
      const text = await logOf(world, 'proxy');
      const missing = Array.from({ length: asked }, (_, index) => index).filter(
        (index) => !text.includes(`/nothing-here-${index}-`),
      );
      assert.equal(missing, [], `of ${asked} requests`);
    }, patienceMs)(world);
  })
  .step('stop redis', ['stop', 'redis'], expect.state('redis', 'exited'))
  .step('start it', ['start', '--wait', 'redis'], allHealthy, isServing)
  .step('restart one', ['restart', 'registry'], allHealthy, isServing)
  .step('restart all', ['restart'], allHealthy, isServing)
  .step('stop all: restart: always does not bring them back', ['stop'], async (world) => {
    for (const service of services) await expect.state(service, 'exited')(world);
  })
  .step('start all', ['start', '--wait'], allHealthy, isServing)
  .act('each service comes back when its process is killed', async (world) => {
    for (const service of services) {
      const before = await supervisorStatus(world, service);
      assert.ok(before.pid > 1, `${service} has a process`);
      process.kill(before.pid, 'SIGKILL');
      await eventually(async () => {
        const now = await supervisorStatus(world, service);
        assert.ok(now.restartCount > before.restartCount && now.pid > 1, `${service}: ${JSON.stringify(now)}`);
      }, patienceMs)(world);
    }
  })
  .act('and the registry serves again', allHealthy)
  .act('all that it has', isServing)
  .step('down', ['down'])
  .step('up -d --wait', ['up', '-d', '--wait'], allHealthy, isServing)
  .act('users, rights and the catalogue are there', async (world) => {
    await loggedIn('dev')(world);
    const seen = (await ask(world, ['GET', '/api/repositories', 'dev:dev-password'])) as unknown[];
    assert.is(seen.length, 2);
  })
  .act('what is deleted is gone after garbage was collected, and can be pushed again', async (world) => {
    const path = `/api/repositories/team/big/artifacts/${digests.get(big)}`;
    await ask(world, ['DELETE', path, 'dev:dev-password'], 403);
    await ask(world, ['DELETE', path, 'admin:administrator'], 204);
    await ask(world, ['POST', '/api/jobs/gc', 'admin:administrator'], 202);
    await eventually(async () => {
      const [last] = (await ask(world, ['GET', '/api/jobs', 'admin:administrator'])) as { ok: boolean; text: string }[];
      assert.ok(last?.ok && /^[1-9]\d* blobs/.test(last.text), JSON.stringify(last));
    }, patienceMs)(world);
    await push(big)(world);
    await pullAgain(big)(world);
  })
  .step('down -v', ['down', '-v'])
  .step('leaves no volume', ['volumes', '-q'], expect.stdout(/^$/))
  .test();

test.run();

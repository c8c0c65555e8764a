import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: registry.lan/team/web
    build: { context: ., tags: ["registry.lan/team/web:2"] }
    depends_on: [api]
  api: { image: registry.lan/team/api, build: . }
  db: { image: postgres }
`;
const images = ['registry.lan/team/web', 'registry.lan/team/web:2', 'registry.lan/team/api', 'postgres'];

/** The API base of a registry that lets `me` in with `secret`. */
async function passwordRegistry(): Promise<AsyncDisposable & { readonly host: string }> {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${btoa('me:secret')}`;
    response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': 'Basic realm="test"' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('push sends what is built, under all its names, and nothing else', async () => {
  await using app = await cli(memoryEngine({ images }), compose);
  const all = await app.run('push');
  assert.is(all.status, 0, all.stderr);
  const pushed = (text: string): readonly string[] =>
    [...text.matchAll(/ Image (\S+) Pushed/g)].map(([, name = '']) => name).sort();
  assert.equal(pushed(all.stderr), ['registry.lan/team/api', 'registry.lan/team/web', 'registry.lan/team/web:2']);
  assert.match(all.stderr, 'Skipped db');
  assert.equal(pushed((await app.run('push', 'web')).stderr), ['registry.lan/team/web', 'registry.lan/team/web:2']);
  assert.equal(pushed((await app.run('push', '--include-deps', 'web')).stderr).length, 3);
  assert.is((await app.run('push', '--quiet', 'web')).stderr, '');
});

test('push fails for what is not there, unless it is told to go on', async () => {
  await using app = await cli(memoryEngine({ images: images.slice(1) }), compose);
  const failed = await app.run('push');
  assert.is(failed.status, 1);
  assert.match(failed.stderr, 'engine.image-not-found');
  assert.is((await app.run('push', '--ignore-push-failures')).status, 0);
});

test('image push takes several images, or every tag of a repository', async () => {
  await using app = await cli(memoryEngine({ images }), compose);
  const tags = await app.run('image', 'push', '-q', '--all-tags', 'registry.lan/team/web');
  assert.is(tags.stdout.split('\n').length, 3);
  assert.match((await app.run('image', 'push', '-a', 'registry.lan/none')).stderr, 'cli.nothing-to-push');
});

test('login checks the password and stores it; logout forgets it', async () => {
  await using registry = await passwordRegistry();
  await using app = await cli(memoryEngine({}), compose, { stdin: 'secret\n' });
  const done = await app.run('login', '-u', 'me', '--password-stdin', registry.host);
  assert.is(done.status, 0, done.stderr);
  assert.is(done.stdout, 'Login Succeeded\n');
  assert.match(done.stderr, 'cli.stored-password');
  const stored: { auths: Record<string, unknown> } = JSON.parse(
    await readFile(join(app.directory, '.docker', 'config.json'), 'utf8'),
  );
  assert.equal(stored.auths, { [registry.host]: { auth: btoa('me:secret') } });
  assert.match((await app.run('logout', registry.host)).stdout, 'Removing login credentials');
  assert.match((await app.run('logout', registry.host)).stdout, 'Not logged in');
});

test('login refuses a wrong password, and to ask where nobody can answer', async () => {
  await using registry = await passwordRegistry();
  await using app = await cli(memoryEngine({}), compose);
  const wrong = await app.run('login', '-u', 'me', '-p', 'guess', registry.host);
  assert.is(wrong.status, 1);
  assert.match(wrong.stderr, 'engine.login-failed');
  assert.match(wrong.stderr, 'cli.password-visible');
  assert.match((await app.run('login', registry.host)).stderr, 'cli.no-credentials');
});

test('login asks on a terminal', async () => {
  await using registry = await passwordRegistry();
  await using app = await cli(memoryEngine({}), compose, { stdin: 'secret\n', stdinIsTerminal: true });
  const done = await app.run('login', '-u', 'me', registry.host);
  assert.is(done.stdout, 'Login Succeeded\n', done.stderr);
  assert.match(done.stderr, 'Password: ');
  assert.not.match(done.stderr, 'Password: secret');
});

test.run();

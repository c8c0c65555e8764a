// timeout: 120s
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { findCredentials } from '#runtime/images/registry/credentials.ts';
import { logIn, logOut } from '#runtime/images/registry/login.ts';
import { openTestStore, type TestStore } from '../images/test-store.ts';
import { makeAuthority } from './certificate-authority.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { importSample } from './sample-image.ts';
import { openTokenServer, refreshToken } from './token-server.ts';

function configOf(fixture: TestStore): { readonly auths?: Record<string, object> } {
  return JSON.parse(readFileSync(join(fixture.root, 'docker', 'config.json'), 'utf8'));
}

/** `docker-credential-test` in the path: keeps one entry in a file. */
function installHelper(fixture: TestStore, config: object): NodeJS.ProcessEnv {
  const bin = join(fixture.root, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(bin, 'docker-credential-test');
  const kept = join(fixture.root, 'kept');
  writeFileSync(
    file,
    `#!/bin/sh
case $1 in
store) cat > ${kept};;
erase) rm -f ${kept};;
get) test -e ${kept} && exec cat ${kept}; echo "credentials not found in native keychain"; exit 1;;
esac
`,
  );
  chmodSync(file, 0o755);
  mkdirSync(join(fixture.root, 'docker'), { recursive: true });
  writeFileSync(join(fixture.root, 'docker', 'config.json'), JSON.stringify(config));
  return { ...fixture.env, PATH: `${bin}:${process.env['PATH']}` };
}

test('a token server: tokens of the right scope, a refresh token from login, mounts of other repositories', async () => {
  await using fixture = openTestStore();
  const authority = makeAuthority(join(fixture.root, 'ca'));
  const signer = authority.issue({ name: 'signer' });
  await using tokens = await openTokenServer(signer);
  const token = { realm: tokens.realm, rootCertificates: authority.certificate };
  await using registry = await startDockerRegistry({ directory: join(fixture.root, 'registry'), token });
  const host = `127.0.0.1:${registry.port}`;
  const image = await importSample(fixture, `${host}/team/app:1`);

  const refused = await fixture.store.push(`${host}/team/app:1`, () => {}).catch((error: unknown) => error);
  assert.ok(hasCode(refused, 'engine.push-failed'), String(refused));
  const login = { registry: `https://${host}/`, user: 'me', env: fixture.env };
  assert.ok(hasCode(await logIn({ ...login, password: 'wrong' }).catch((error: unknown) => error), 'engine.login-failed'));
  await logIn({ ...login, password: 'secret' });
  assert.equal(configOf(fixture).auths, { [host]: { auth: btoa('<token>:'), identitytoken: refreshToken } });

  await fixture.store.push(`${host}/team/app:1`, () => {});
  assert.ok(tokens.requests.includes('refresh repository:team/app:pull,push'), tokens.requests.join('\n'));
  fixture.store.tag(`${host}/team/app:1`, `${host}/other/app:1`);
  const phases: string[] = [];
  await fixture.store.push(`${host}/other/app:1`, ({ phase }) => phases.push(phase));
  assert.ok(phases.includes('mounted'), phases.join());
  await fixture.store.remove(`${host}/team/app:1`, {});
  assert.is((await fixture.store.pull(`${host}/team/app:1`, {}, () => {})).id, image.id);
});

test('a credential helper keeps what login is told, and gives it to pull', async () => {
  await using fixture = openTestStore();
  await using registry = await startDockerRegistry({ directory: join(fixture.root, 'registry'), hasPassword: true });
  const host = `127.0.0.1:${registry.port}`;
  const env = installHelper(fixture, { credsStore: 'test', HttpHeaders: { 'X-Meta': 'kept' } });
  const stored = await logIn({ registry: host, user: 'me', password: 'secret', env });
  assert.equal(stored, { registry: host, place: 'docker-credential-test', isPlain: false });
  assert.equal(configOf(fixture), { credsStore: 'test', HttpHeaders: { 'X-Meta': 'kept' }, auths: { [host]: {} } });
  assert.equal(JSON.parse(readFileSync(join(fixture.root, 'kept'), 'utf8')), {
    ServerURL: host,
    Username: 'me',
    Secret: 'secret',
  });
  assert.equal(await findCredentials(host, env), { kind: 'password', user: 'me', password: 'secret' });
  assert.is(await logOut({ registry: host, env }), true);
  assert.is(await findCredentials(host, env), undefined);
});

test('a helper of one registry, Docker Hub under its old name, identity tokens', async () => {
  await using fixture = openTestStore();
  const auths = {
    'https://index.docker.io/v1/': { auth: btoa('me:a:b') },
    'https://old.lan/v2/': { auth: '', identitytoken: 't' },
  };
  const env = installHelper(fixture, { auths, credHelpers: { 'one.lan': 'test', 'two.lan': 'none' } });
  writeFileSync(join(fixture.root, 'kept'), JSON.stringify({ Username: '<token>', Secret: 'long' }));
  assert.equal(await findCredentials('one.lan', env), { kind: 'identity-token', token: 'long' });
  assert.equal(await findCredentials('docker.io', env), { kind: 'password', user: 'me', password: 'a:b' });
  assert.equal(await findCredentials('old.lan', env), { kind: 'identity-token', token: 't' });
  assert.match(
    String(await findCredentials('two.lan', env).catch((error: unknown) => error)),
    '"docker-credential-none" cannot be run',
  );
});

test('a damaged file of Docker is named and left as it is', async () => {
  await using fixture = openTestStore();
  const path = join(fixture.root, 'docker', 'config.json');
  mkdirSync(join(fixture.root, 'docker'));
  writeFileSync(path, '{"auths": secret');
  const error = await logOut({ registry: 'one.lan', env: fixture.env }).catch((one: unknown) => one);
  assert.ok(hasCode(error, 'engine.login-failed'), String(error));
  assert.not.match(String(error), 'secret');
  assert.is(readFileSync(path, 'utf8'), '{"auths": secret');
});

test.run();

// timeout: 120s
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode, TscomposeError } from '#core/diagnostics/error.ts';
import type { PushProgress } from '#core/engine/specs.ts';
import { logIn, logOut } from '#runtime/images/registry/login.ts';
import { openTestStore, type TestStore } from '../images/test-store.ts';
import { makeAuthority } from './certificate-authority.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { importSample } from './sample-image.ts';

/** Puts a registry's certificates where our configuration says. */
function writeCertificates(fixture: TestStore, registry: string, files: Readonly<Record<string, string>>): void {
  const directory = join(fixture.root, 'etc', 'certs.d', registry);
  mkdirSync(directory, { recursive: true });
  for (const [name, path] of Object.entries(files)) writeFileSync(join(directory, name), readFileSync(path));
}

function skopeo(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('skopeo', ['--insecure-policy', ...args], { encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 0, stderr);
  return stdout;
}

async function failure(run: Promise<unknown>, code: string): Promise<{ message: string; hint: string }> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(hasCode(error, code) && error instanceof TscomposeError, String(error));
  return { message: error.message, hint: error.diagnostics[0]?.hint ?? '' };
}

test('pushes what skopeo reads, mounts it elsewhere, and sends nothing twice', async () => {
  await using fixture = openTestStore();
  await using registry = await startDockerRegistry({ directory: join(fixture.root, 'registry') });
  const host = `127.0.0.1:${registry.port}`;
  const image = await importSample(fixture, `${host}/team/app:1`, 3_000_000);
  const phases = async (name: string): Promise<readonly string[]> => {
    const seen: PushProgress[] = [];
    await fixture.store.push(name, (one) => seen.push(one));
    return [...new Set(seen.filter((one) => one.layer !== undefined).map((one) => one.phase))];
  };
  assert.equal(await phases(`${host}/team/app:1`), ['checking', 'uploading', 'sent']);
  assert.equal(await phases(`${host}/team/app:1`), ['checking', 'exists']);
  fixture.store.tag(`${host}/team/app:1`, `${host}/other/app:2`);
  assert.equal(await phases(`${host}/other/app:2`), ['checking', 'mounted']);
  for (const name of ['team/app:1', 'other/app:2']) {
    const seen: { Digest?: unknown } = JSON.parse(skopeo('inspect', '--tls-verify=false', `docker://${host}/${name}`));
    assert.is(seen.Digest, image.digest);
  }
  const copy = join(fixture.root, 'copy');
  skopeo('copy', '--src-tls-verify=false', `docker://${host}/team/app:1`, `dir:${copy}`);
  await failure(
    fixture.store.push(`${host}/team/none:1`, () => {}),
    'engine.image-not-found',
  );
});

test('pulls again what it pushed, over TLS of a private authority and with a password', async () => {
  await using fixture = openTestStore();
  const authority = makeAuthority(join(fixture.root, 'ca'));
  const tls = authority.issue({ name: 'server', subjectAltName: 'IP:127.0.0.1,DNS:localhost' });
  await using registry = await startDockerRegistry({ directory: join(fixture.root, 'registry'), tls, hasPassword: true });
  const host = `127.0.0.1:${registry.port}`;
  const name = `${host}/team/app:1`;
  const image = await importSample(fixture, name);

  const unknown = await failure(
    fixture.store.push(name, () => {}),
    'engine.push-failed',
  );
  assert.match(
    unknown.message,
    `the certificate of ${host} is signed by an authority that this machine does not know: "Test Authority"`,
  );
  assert.match(unknown.hint, `${join(fixture.root, 'etc', 'certs.d', host)}/ca.crt`);
  writeCertificates(fixture, host, { 'ca.crt': authority.certificate });

  const anonymous = await failure(
    fixture.store.push(name, () => {}),
    'engine.push-failed',
  );
  assert.match(anonymous.hint, `tscompose login ${host}`);
  const login = { registry: host, user: 'me', env: fixture.env };
  assert.match((await failure(logIn({ ...login, password: 'wrong' }), 'engine.login-failed')).message, 'are wrong');
  const stored = await logIn({ ...login, password: 'secret' });
  assert.is(stored.place, join(fixture.root, 'docker', 'config.json'));

  const pushed = await fixture.store.push(name, () => {});
  assert.is(pushed.digest, image.digest);
  await fixture.store.remove(name, {});
  assert.is((await fixture.store.pull(name, {}, () => {})).id, image.id);
  assert.is(await logOut(login), true);
  assert.is(await logOut(login), false);
  await failure(
    fixture.store.pull(name, {}, () => {}),
    'engine.pull-failed',
  );
});

test('shows a client certificate, and says when one is missing', async () => {
  await using fixture = openTestStore();
  const authority = makeAuthority(join(fixture.root, 'ca'));
  const tls = authority.issue({ name: 'server', subjectAltName: 'IP:127.0.0.1' });
  const directory = join(fixture.root, 'registry');
  await using registry = await startDockerRegistry({ directory, tls, clientAuthority: authority.certificate });
  const host = `127.0.0.1:${registry.port}`;
  const name = `${host}/app:1`;
  await importSample(fixture, name);
  writeCertificates(fixture, host, { 'ca.crt': authority.certificate });
  const missing = await failure(
    fixture.store.push(name, () => {}),
    'engine.push-failed',
  );
  assert.match(missing.hint, 'client.cert');
  const client = authority.issue({ name: 'client' });
  writeCertificates(fixture, host, { 'client.cert': client.certificate });
  assert.match(
    (
      await failure(
        fixture.store.push(name, () => {}),
        'engine.push-failed',
      )
    ).hint,
    'client.key',
  );
  writeCertificates(fixture, host, { 'client.key': client.key });
  await fixture.store.push(name, () => {});
});

test.run();

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { PullProgress } from '#core/engine/specs.ts';
import { sha256Digest } from '#runtime/images/digest.ts';
import { type Interference, openFakeRegistry, type RegistryContent } from './fake-registry.ts';
import { writeTar } from './tar-writer.ts';
import { openTestStore } from './test-store.ts';

const base = writeTar([{ name: 'base', content: Buffer.alloc(300_000, 'base') }]);
const top = writeTar([{ name: 'top', content: 'top' }]);
const [baseBlob, topBlob] = [gzipSync(base, { level: 0 }), zstdCompressSync(top)];
const config = JSON.stringify({
  os: 'linux',
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  config: { Cmd: ['run'] },
  rootfs: { type: 'layers', diff_ids: [sha256Digest(base), sha256Digest(top)] },
});
const descriptor = (blob: string | Buffer, mediaType: string) => ({
  mediaType,
  digest: sha256Digest(blob),
  size: Buffer.byteLength(blob),
});
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
  layers: [
    descriptor(baseBlob, 'application/vnd.oci.image.layer.v1.tar+gzip'),
    descriptor(topBlob, 'application/vnd.oci.image.layer.v1.tar+zstd'),
  ],
});
const entry = (architecture: string, text: string) => ({
  ...descriptor(text, 'application/vnd.oci.image.manifest.v1+json'),
  platform: { os: 'linux', architecture },
});
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [entry('s390x', '{}'), entry('amd64', manifest), entry('arm64', manifest)],
});
const content: RegistryContent = {
  manifests: { '1': manifest, multi: index, [sha256Digest(manifest)]: manifest, [sha256Digest(index)]: index },
  blobs: [config, baseBlob, topBlob],
};

async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(hasCode(error, 'engine.pull-failed'), String(error));
  return (error as Error).message;
}

test('pulls every layer, verified, with its progress', async () => {
  await using fixture = openTestStore();
  await using registry = await openFakeRegistry(content);
  const progress: PullProgress[] = [];
  const image = await fixture.store.pull(`${registry.host}/team/app:1`, {}, (one) => progress.push(one));
  assert.is(image.id, sha256Digest(config));
  assert.is(image.digest, sha256Digest(manifest));
  assert.equal(image.references, [`${registry.host}/team/app:1`]);
  const [upper = '', lower = ''] = fixture.store.lowerDirectories(image.id);
  assert.is(readFileSync(join(upper, 'top'), 'utf8'), 'top');
  assert.is(readFileSync(join(lower, 'base')).length, 300_000);
  const phases = progress.filter((one) => one.layer === sha256Digest(baseBlob).slice(7, 19)).map((one) => one.phase);
  assert.equal([...new Set(phases)], ['resolving', 'downloading', 'unpacking', 'done']);
  assert.equal(readdirSync(fixture.paths.temporary), []);
});

test('pins a tag to what its registry has for it, and fetches nothing', async () => {
  await using fixture = openTestStore();
  await using registry = await openFakeRegistry(content);
  const name = `${registry.host}/team/app`;
  assert.is(await fixture.store.pin(`${name}:multi`), `${name}:multi@${sha256Digest(index)}`);
  assert.is(await fixture.store.pin(`${name}:1@${sha256Digest(manifest)}`), `${name}:1@${sha256Digest(manifest)}`);
  assert.match(await failure(fixture.store.pin(`${name}:none`)), /none/);
  assert.equal(fixture.store.list(), []);
});

test('a second pull fetches no layer', async () => {
  await using fixture = openTestStore();
  await using registry = await openFakeRegistry(content);
  await fixture.store.pull(`${registry.host}/team/app:1`, {}, () => {});
  registry.requests.length = 0;
  await fixture.store.pull(`${registry.host}/team/app:multi`, {}, () => {});
  assert.equal(
    registry.requests.filter((url) => url.includes('/blobs/') && !url.includes(sha256Digest(config))),
    [],
  );
  assert.is(fixture.store.list().length, 1);
});

test('chooses the platform, and finds what was pulled by digest', async () => {
  await using fixture = openTestStore();
  await using registry = await openFakeRegistry(content);
  const name = `${registry.host}/app@${sha256Digest(index)}`;
  const image = await fixture.store.pull(name, {}, () => {});
  assert.is(image.digest, sha256Digest(manifest));
  assert.is(fixture.store.inspect(name)?.id, image.id);
  const message = await failure(fixture.store.pull(`${registry.host}/app:multi`, { platform: 'linux/riscv64' }, () => {}));
  assert.match(message, 'linux/riscv64');
});

test('goes on after a cut connection, a 503 and a 429', async () => {
  await using fixture = openTestStore();
  const seen = new Map<string, number>();
  const interfere: Interference = (request, response) => {
    const url = request.url ?? '';
    const count = (seen.get(url) ?? 0) + 1;
    seen.set(url, count);
    if (url.includes('/manifests/') && count === 1) return response.writeHead(503).end() !== undefined;
    if (url.includes(sha256Digest(config)) && count === 1) return response.writeHead(429).end() !== undefined;
    if (!url.includes(sha256Digest(baseBlob)) || count > 1) return false;
    response.writeHead(200, { 'content-length': baseBlob.length });
    response.write(baseBlob.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
    return true;
  };
  await using registry = await openFakeRegistry(content, interfere);
  const image = await fixture.store.pull(`${registry.host}/app:1`, {}, () => {});
  assert.is(image.id, sha256Digest(config));
  const resumed = registry.requests.find((one) => one.includes('bytes='));
  assert.match(resumed ?? '', / bytes=\d{4,6}-$/);
});

const damage: Readonly<Record<string, RegistryContent>> = {
  'a layer that is not there': { ...content, blobs: [config, topBlob] },
  'a manifest with another digest': { ...content, manifests: { '1': index, [sha256Digest(manifest)]: `${manifest} ` } },
};

test('refuses a damaged layer and keeps nothing', async () => {
  await using fixture = openTestStore();
  const broken = Buffer.from(baseBlob);
  broken[150_000] = (broken[150_000] ?? 0) ^ 1;
  await using registry = await openFakeRegistry(content, (request, response) => {
    if (!request.url?.includes(sha256Digest(baseBlob))) return false;
    response.writeHead(200).end(broken);
    return true;
  });
  await failure(fixture.store.pull(`${registry.host}/app:1`, {}, () => {}));
  assert.equal(fixture.store.list(), []);
  assert.equal(readdirSync(fixture.paths.temporary), []);
});

for (const [what, served] of Object.entries(damage)) {
  test(`refuses what is missing or wrong: ${what}`, async () => {
    await using fixture = openTestStore();
    await using registry = await openFakeRegistry(served);
    await failure(fixture.store.pull(`${registry.host}/app:1`, {}, () => {}));
    assert.equal(fixture.store.list(), []);
  });
}

test('shows a token server the stored password, and the registry the token', async () => {
  await using fixture = openTestStore();
  const interfere: Interference = (request, response) => {
    if (request.url?.startsWith('/token')) {
      const query = new URL(request.url, 'http://x').searchParams;
      const allowed =
        request.headers.authorization === `Basic ${btoa('me:secret')}` && query.get('scope') === 'repository:app:pull';
      response.writeHead(allowed ? 200 : 401).end('{"token":"t0ken"}');
      return true;
    }
    if (request.headers.authorization === 'Bearer t0ken') return false;
    const realm = `http://${request.headers.host}/token`;
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s",scope="repository:app:pull"` }).end();
    return true;
  };
  await using registry = await openFakeRegistry(content, interfere);
  const name = `${registry.host}/app:1`;
  await failure(fixture.store.pull(name, {}, () => {}));
  const directory = fixture.env['DOCKER_CONFIG'] ?? '';
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth: btoa('me:secret') } } }));
  assert.is((await fixture.store.pull(name, {}, () => {})).id, sha256Digest(config));
});

test('says what is wrong', async () => {
  await using fixture = openTestStore();
  await using registry = await openFakeRegistry(content);
  const host = registry.host;
  assert.match(await failure(fixture.store.pull(`${host}/app:none`, {}, () => {})), 'no such image');
  await using denied = await openFakeRegistry(content, (_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    return true;
  });
  assert.match(await failure(fixture.store.pull(`${denied.host}/app:1`, {}, () => {})), 'user name and password');
});

test.run();

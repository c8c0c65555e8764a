// timeout: 300s
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import { openTestStore, type TestStore } from '../images/test-store.ts';
import { registryScene } from './registry-scene.ts';
import { importSample } from './sample-image.ts';
import { openUploadServer } from './upload-server.ts';

let serial = 0;
const sizeBytes = 6_000_000;

/** A store and a registry that has one image of six megabytes as `team/app:1`. */
const scene = await registryScene(sizeBytes);
const { proxied, isLayer } = scene;

async function failure(run: Promise<unknown>): Promise<Diagnostic> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TscomposeError, String(error));
  const [first] = error.diagnostics;
  assert.ok(first !== undefined);
  return first;
}

async function pullInto(store: TestStore, host: string): Promise<ImageSummary> {
  return store.store.pull(`${host}/team/app:1`, {}, () => {});
}

test('a pull goes on after every cut and fetches nothing twice', async () => {
  await using target = openTestStore();
  await using proxy = await proxied((exchange) => (isLayer(exchange) ? { cutAnswerAfter: 1_500_000 } : {}));
  assert.is((await pullInto(target, proxy.host)).id, scene.image.id);
  const ranges = proxy.exchanges.flatMap(({ headers }) => headers.range ?? []);
  assert.ok(ranges.length >= 3, ranges.join());
  assert.ok(proxy.answeredBytes() < 1.5 * sizeBytes, String(proxy.answeredBytes()));
  assert.equal(readdirSync(target.paths.downloads), []);
});

test('a damaged layer is fetched once more, whole; a second time it is refused', async () => {
  await using target = openTestStore();
  await using once = await proxied((exchange) => (isLayer(exchange) && exchange.count === 1 ? { corruptAt: 3_000_000 } : {}));
  assert.is((await pullInto(target, once.host)).id, scene.image.id);
  await using other = openTestStore();
  await using always = await proxied((exchange) => (isLayer(exchange) ? { corruptAt: 3_000_000 } : {}));
  const refused = await failure(pullInto(other, always.host));
  assert.match(refused.message, /damaged/);
  assert.equal(other.store.list(), []);
  assert.equal(readdirSync(other.paths.temporary), []);
});

test('errors that pass are waited for, a limit is told with the time of its end', async () => {
  await using target = openTestStore();
  await using passing = await proxied(({ url, count }) => {
    if (!url.includes('/manifests/')) return {};
    return count === 1
      ? { answer: { status: 503 } }
      : count === 2
        ? { answer: { status: 429, headers: { 'retry-after': '1' } } }
        : {};
  });
  await pullInto(target, passing.host);
  await using limit = await proxied(({ url }) => {
    const headers = { 'retry-after': '7200', 'ratelimit-limit': '100;w=21600' };
    return url.includes('/manifests/') ? { answer: { status: 429, headers } } : {};
  });
  const refused = await failure(pullInto(target, limit.host));
  assert.match(
    refused.message,
    /allows no more requests now \(100 in 6 h\); it answers again at \d\d:\d\d:\d\d, in 2 h|in 120 min/,
  );
  assert.match(refused.hint ?? '', 'tscompose login');
});

test('an upload goes on where it was cut', async () => {
  await using server = await openUploadServer(2_000_000);
  await using source = openTestStore();
  const name = `${server.host}/app:1`;
  await importSample(source, name, sizeBytes);
  await source.store.push(name, () => {});
  assert.is(server.pieces.length, 2, server.pieces.join());
  assert.match(server.pieces[1] ?? '', /^2000000-/);
  assert.is(server.blobs.length, 2);
});

test('an upload that the registry forgets when it is cut begins again', async () => {
  let cuts = 0;
  await using proxy = await proxied(({ method }) => (method === 'PATCH' && cuts++ === 0 ? { cutUploadAfter: 2_000_000 } : {}));
  const name = `${proxy.host}/other-${++serial}/app:1`;
  scene.store.store.tag(scene.image.id, name);
  await scene.store.store.push(name, () => {});
  assert.ok(cuts >= 2);
  await using target = openTestStore();
  assert.is((await target.store.pull(name, {}, () => {})).id, scene.image.id);
});

test('an upload that is too large for a proxy is sent in pieces', async () => {
  await using proxy = await proxied(({ headers }) =>
    Number(headers['content-length'] ?? 0) > 2_000_000 ? { answer: { status: 413, headers: { connection: 'close' } } } : {},
  );
  const name = `${proxy.host}/other-${++serial}/app:1`;
  scene.store.store.tag(scene.image.id, name);
  await scene.store.store.push(name, () => {});
  assert.ok(proxy.exchanges.filter(({ method }) => method === 'PATCH').length >= 4);
  await using target = openTestStore();
  assert.is((await target.store.pull(name, {}, () => {})).id, scene.image.id);
});

test('a redirect gets no credentials of the registry', async () => {
  await using elsewhere = await proxied(() => ({}));
  await using proxy = await proxied((exchange) => {
    if (exchange.headers.authorization === undefined)
      return { answer: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } };
    return isLayer(exchange) ? { answer: { status: 307, headers: { location: `http://${elsewhere.host}${exchange.url}` } } } : {};
  });
  await using target = openTestStore();
  mkdirSync(join(target.root, 'docker'));
  writeFileSync(
    join(target.root, 'docker', 'config.json'),
    JSON.stringify({ auths: { [proxy.host]: { auth: btoa('me:secret') } } }),
  );
  assert.is((await pullInto(target, proxy.host)).id, scene.image.id);
  assert.ok(elsewhere.exchanges.length > 0);
  assert.equal(
    elsewhere.exchanges.filter(({ headers }) => headers.authorization !== undefined),
    [],
  );
});

test.run();

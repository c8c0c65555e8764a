// timeout: 120s
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { helper, openTestStore, type TestStore } from '../images/test-store.ts';
import { registryScene } from './registry-scene.ts';

const scene = await registryScene(1_000_000);
const { proxied, isLayer } = scene;

/** A store whose registry has these mirrors, and the warnings that it gives. */
function withMirrors(fixture: TestStore, registry: string, mirrors: readonly string[]) {
  const file = fixture.env['TSCOMPOSE_CONFIG'] ?? '';
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify({ registries: { mirrors: { [registry]: mirrors } } }));
  const notices: Diagnostic[] = [];
  const { database, paths, env } = fixture;
  return { store: openImageStore({ database, paths, env, helper, notice: (one) => notices.push(one) }), notices };
}

test('a mirror has everything: the registry is not asked', async () => {
  await using fixture = openTestStore();
  await using origin = await proxied(() => ({}));
  await using mirror = await proxied(() => ({}));
  const { store, notices } = withMirrors(fixture, origin.host, [`http://${mirror.host}`]);
  const image = await store.pull(`${origin.host}/team/app:1`, {}, () => {});
  assert.is(image.id, scene.image.id);
  assert.equal(image.references, [`${origin.host}/team/app:1`]);
  assert.equal(origin.exchanges, []);
  assert.equal(notices, []);
});

test('a mirror that lacks the image is passed over in silence, a broken one with a warning', async () => {
  await using fixture = openTestStore();
  await using origin = await proxied(() => ({}));
  await using empty = await proxied(() => ({ answer: { status: 404 } }));
  await using broken = await proxied(() => ({ answer: { status: 500 } }));
  const { store, notices } = withMirrors(fixture, origin.host, [empty.host, '127.0.0.1:1', broken.host]);
  assert.is((await store.pull(`${origin.host}/team/app:1`, {}, () => {})).id, scene.image.id);
  assert.equal(
    notices.map((one) => one.code),
    ['engine.mirror-failed', 'engine.mirror-failed'],
  );
  assert.match(notices[0]?.message ?? '', '127.0.0.1:1');
  // Given up once is given up for the whole pull.
  assert.is(broken.exchanges.length, 1);
});

test('what a mirror damages is fetched from the registry', async () => {
  await using fixture = openTestStore();
  await using origin = await proxied(() => ({}));
  await using mirror = await proxied((exchange) => (isLayer(exchange) ? { corruptAt: 500_000 } : {}));
  const { store } = withMirrors(fixture, origin.host, [mirror.host]);
  assert.is((await store.pull(`${origin.host}/team/app:1`, {}, () => {})).id, scene.image.id);
  assert.is(origin.exchanges.filter(isLayer).length, 1);
});

test('a path of a mirror goes before the repository', async () => {
  await using fixture = openTestStore();
  await using origin = await proxied(() => ({}));
  await using mirror = await proxied(() => ({}));
  const { store } = withMirrors(fixture, origin.host, [`http://${mirror.host}/team`]);
  assert.is((await store.pull(`${origin.host}/app:1`, {}, () => {})).id, scene.image.id);
  assert.equal(origin.exchanges, []);
});

test.run();

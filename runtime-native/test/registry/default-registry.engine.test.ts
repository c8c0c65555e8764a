// timeout: 90s
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { helper, openTestStore, type TestStore } from '../images/test-store.ts';
import { registryScene } from './registry-scene.ts';
import { importSample } from './sample-image.ts';

const scene = await registryScene(200_000);

function setDefault(fixture: TestStore, registry: string): void {
  const file = fixture.env['TSCOMPOSE_CONFIG'] ?? '';
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify({ registries: { default: registry } }));
}

test('a name without a host means the configured registry', async () => {
  await using fixture = openTestStore();
  await using proxy = await scene.proxied(() => ({}));
  setDefault(fixture, proxy.host);
  const image = await fixture.store.pull('team/app:1', {}, () => {});
  assert.equal(image.references, [`${proxy.host}/team/app:1`]);
  assert.is(fixture.store.inspect('team/app:1')?.id, image.id);
  assert.is(fixture.store.inspect('docker.io/team/app:1'), undefined);
  assert.match(await fixture.store.pin('team/app:1'), `${proxy.host}/team/app:1@sha256:`);
  fixture.store.tag('team/app:1', 'other:2');
  assert.is((await fixture.store.push('other:2', () => {})).reference, `${proxy.host}/other:2`);
});

test('what is here under its Docker name is found and pushed to the configured registry', async () => {
  await using fixture = openTestStore();
  const image = await importSample(fixture, 'app:1', 1000);
  await using proxy = await scene.proxied(() => ({}));
  setDefault(fixture, proxy.host);
  // Settings are read once by an open store.
  const { database, paths, env } = fixture;
  const store = openImageStore({ database, paths, env, helper });
  assert.is(store.inspect('app:1')?.id, image.id);
  assert.is((await store.push('app:1', () => {})).reference, `${proxy.host}/app:1`);
  assert.is((await store.pull('app:1', {}, () => {})).id, image.id);
  await store.remove('app:1', {});
  await store.remove('app:1', {});
  assert.is(store.inspect('app:1'), undefined);
});

test.run();

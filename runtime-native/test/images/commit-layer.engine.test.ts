// timeout: 120s
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commitImages } from '#runtime/images/commit-image.ts';
import { commitLayer } from '#runtime/images/commit-layer.ts';
import { chainIds } from '#runtime/images/digest.ts';
import { openWorkspace } from '#runtime/images/workspace.ts';
import { openOverlaySandbox } from './overlay-sandbox.ts';
import { helper, openTestStore } from './test-store.ts';

test('a committed layer becomes an image’s layer that shows what the overlay showed', async () => {
  await using test = openTestStore();
  using sandbox = await openOverlaySandbox([
    { name: 'etc/', type: '5' },
    { name: 'etc/old', content: 'old' },
  ]);
  sandbox.change('rm etc/old; echo new >etc/new; mkdir -p run/secrets; touch run/secrets/token');
  const context = { database: test.database, paths: test.paths, helper };
  await using workspace = openWorkspace(context);
  const upper = sandbox.upper;
  const base = await commitLayer(context, { workspace, name: 'base', upper: sandbox.lower, lower: [] });
  const layer = await commitLayer(context, {
    workspace,
    name: 'top',
    upper,
    lower: [sandbox.lower],
    parent: base.chainId,
    compression: 'zstd',
    mountPoints: ['/run/secrets/token'],
  });
  assert.is(layer.entries, 3);
  assert.equal([base.chainId, layer.chainId], chainIds([base.diffId, layer.diffId]));
  assert.match(base.mediaType, /gzip$/);
  assert.match(layer.mediaType, /zstd$/);
  const config = JSON.stringify({ config: {}, rootfs: { type: 'layers', diff_ids: [base.diffId, layer.diffId] } });
  const [id = ''] = commitImages(context, workspace, [{ config, manifest: '{}', layers: [base, layer], references: [] }]);
  const shown = sandbox.change('find . | sort', { lower: test.store.lowerDirectories(id), upper: join(sandbox.path, 'merged') });
  assert.equal(shown.trim().split('\n'), ['.', './etc', './etc/new']);
});

test('two commits of one directory are one layer', async () => {
  await using test = openTestStore();
  using sandbox = await openOverlaySandbox([]);
  sandbox.change('seq 1000 >numbers');
  const context = { database: test.database, paths: test.paths, helper };
  const commit = async (name: string) => {
    await using workspace = openWorkspace(context);
    const layer = await commitLayer(context, { workspace, name, upper: sandbox.upper, lower: [sandbox.lower] });
    const config = JSON.stringify({ author: name, config: {}, rootfs: { type: 'layers', diff_ids: [layer.diffId] } });
    commitImages(context, workspace, [{ config, manifest: `{"n":"${name}"}`, layers: [layer], references: [] }]);
    return layer;
  };
  const [one, other] = [await commit('one'), await commit('other')];
  assert.is(one.blob.digest, other.blob.digest);
  assert.is(test.database.prepare('SELECT count(*) AS n FROM layers').get()?.['n'], 1);
  assert.ok(existsSync(join(test.paths.blobs, one.blob.digest.slice(7))));
});

test.run();

// timeout: 300s
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { treeDigest } from './overlay-sandbox.ts';
import { richImage, run, save, treeOf } from './rich-image.ts';
import { openTestStore } from './test-store.ts';

for (const program of ['skopeo', 'umoci']) if (findProgram(program) === undefined) skipFile(`needs ${program}`);

const skopeo = (...argv: readonly string[]) => run(['skopeo', '--insecure-policy', ...argv]);

test('skopeo finds in our archives the image that we have', async () => {
  await using fixture = openTestStore();
  const { image } = await richImage(fixture);
  const docker = await save(fixture, 'docker', ['rich']);
  const oci = await save(fixture, 'oci', ['rich:1']);
  const config = skopeo('inspect', '--config', '--raw', `docker-archive:${docker}:rich:1`);
  assert.equal(JSON.parse(config).rootfs.diff_ids, image.layers);
  const raw = skopeo('inspect', '--raw', `oci-archive:${oci}`);
  skopeo('copy', `oci-archive:${oci}:1`, `dir:${fixture.root}/dir`);
  assert.is(JSON.parse(readFileSync(join(fixture.root, 'dir/manifest.json'), 'utf8')).config.digest, image.id);
  assert.ok(raw.includes('"layers"'));
  assert.is(run(['sha256sum', join(fixture.root, 'dir/manifest.json')]).slice(0, 64), image.digest.slice(7), 'the same manifest');
});

test('what skopeo writes of them is the same image again', async () => {
  await using fixture = openTestStore();
  const { image, tree } = await richImage(fixture);
  const oci = await save(fixture, 'oci', ['rich:1']);
  const targets = [
    ['docker-archive', `docker-archive:${fixture.root}/a.tar:copied:1`, `${fixture.root}/a.tar`],
    ['oci-archive', `oci-archive:${fixture.root}/b.tar:copied:1`, `${fixture.root}/b.tar`],
    ['oci directory', `oci:${fixture.root}/layout:copied:1`, `${fixture.root}/layout`],
  ] as const;
  for (const [what, target, path] of targets) {
    skopeo('copy', `oci-archive:${oci}`, target);
    await using other = openTestStore();
    const [loaded] = await other.store.load(path, () => {});
    assert.equal(loaded?.layers, image.layers, what);
    assert.is(treeOf(other, loaded?.id ?? ''), tree, what);
    assert.equal(loaded?.references, ['docker.io/library/copied:1'], what);
    if (what !== 'docker-archive') assert.is(loaded?.digest, image.digest, what);
    if (what !== 'docker-archive') assert.is(loaded?.id, image.id, what);
  }
});

test('umoci unpacks from our archive the tree that we show', async () => {
  await using fixture = openTestStore();
  const { tree } = await richImage(fixture);
  const oci = await save(fixture, 'oci', ['rich:1']);
  const layout = join(fixture.root, 'layout');
  mkdirSync(layout);
  run(['tar', '-xf', oci, '-C', layout]);
  run(['umoci', 'unpack', '--image', `${layout}:1`, join(fixture.root, 'bundle')]);
  assert.is(run(['sh', '-euc', `cd '${fixture.root}/bundle/rootfs'; ${treeDigest}`]), tree);
});

test('an image that umoci changed is read with its change', async () => {
  await using fixture = openTestStore();
  await richImage(fixture);
  const oci = await save(fixture, 'oci', ['rich:1']);
  const layout = join(fixture.root, 'layout');
  mkdirSync(layout);
  run(['tar', '-xf', oci, '-C', layout]);
  const bundle = join(fixture.root, 'bundle');
  run(['umoci', 'unpack', '--image', `${layout}:1`, bundle]);
  run(
    ['sh', '-euc', 'rm rootfs/etc/kept; echo more >rootfs/more; mkdir rootfs/sub; touch rootfs/sub/f; chmod 600 rootfs/d/e'],
    bundle,
  );
  run(['umoci', 'repack', '--image', `${layout}:2`, bundle]);
  const inserted = join(fixture.root, 'inserted');
  mkdirSync(inserted);
  writeFileSync(join(inserted, 'odd'), 'x'.repeat(777));
  // Its archive ends without padding and end mark.
  run(['umoci', 'insert', '--image', `${layout}:2`, inserted, '/inserted']);
  run(['umoci', 'rm', '--image', `${layout}:1`]);
  const [loaded] = await fixture.store.load(layout, () => {});
  const shown = treeOf(fixture, loaded?.id ?? '');
  run(['umoci', 'unpack', '--image', `${layout}:2`, join(fixture.root, 'again')]);
  assert.is(run(['sh', '-euc', `cd '${fixture.root}/again/rootfs'; ${treeDigest}`]), shown);
});

test.run();

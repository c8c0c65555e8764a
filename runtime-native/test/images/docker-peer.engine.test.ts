// timeout: 300s
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { startDocker } from '../../../bench/lib/docker-daemon.ts';
import { richImage, run, save, treeOf } from './rich-image.ts';
import { openTestStore } from './test-store.ts';

for (const program of ['dockerd', 'docker']) if (findProgram(program) === undefined) skipFile('needs dockerd');

test('docker loads what we save and saves what we load: the same image', async () => {
  await using fixture = openTestStore();
  const { image, tree } = await richImage(fixture);
  const archive = await save(fixture, 'docker', ['rich']);
  const theirs = join(fixture.root, 'theirs.tar');
  {
    await using daemon = await startDocker(join(fixture.root, 'd'));
    const docker = (...argv: readonly string[]) => run(['docker', ...argv], '/tmp', daemon.env);
    docker('load', '-i', archive);
    const found = docker('image', 'inspect', '-f', '{{.Id}} {{json .RootFS.Layers}}', 'rich:1').trim();
    assert.is(found, `${image.id} ${JSON.stringify(image.layers)}`);
    docker('save', '-o', theirs, 'rich:1', 'rich:base');
  }
  await using other = openTestStore();
  const loaded = await other.store.load(theirs, () => {});
  assert.equal(
    loaded.map((one) => one.id).toSorted(),
    fixture.store
      .list()
      .map((one) => one.id)
      .toSorted(),
  );
  assert.is(treeOf(other, image.id), tree);
  assert.is(other.store.inspect('rich:1')?.id, image.id);
});

test.run();

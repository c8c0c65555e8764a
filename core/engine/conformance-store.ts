import { Writable } from 'node:stream';
import * as assert from 'uvu/assert';
import type { Engine } from './engine.ts';
import type { ContainerSpec } from './specs.ts';

/** What every engine does alike with images and containers' files; a part of `engineConformance`. */
export function storeConformance(
  conforms: (name: string, run: (engine: Engine) => Promise<void>) => void,
  fixtures: {
    /** Reference of a local image, and a container of it. */
    readonly image: string;
    readonly container: ContainerSpec;
    readonly rejectsWith: (code: string, run: Promise<unknown>) => Promise<void>;
  },
): void {
  const { image, container, rejectsWith } = fixtures;

  conforms('a container’s files become an archive and an image', async (engine) => {
    const { id } = await engine.createContainer(container);
    let length = 0;
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        done();
      },
    });
    await engine.exportContainer(id, output);
    assert.ok(length >= 1024 && length % 512 === 0, `an archive of ${length} bytes`);
    const base = await engine.inspectImage(image);
    const committed = await engine.commitContainer(id, {
      reference: 'conformance/made:1',
      author: 'a',
      changes: [],
      pause: true,
    });
    assert.is.not(committed.id, base?.id);
    assert.equal(committed.layers, base?.layers, 'nothing was changed');
    assert.is((await engine.inspectImage('conformance/made:1'))?.id, committed.id);
    const nameless = await engine.commitContainer(id, { message: 'm', changes: [], pause: false });
    assert.equal((await engine.inspectImage(nameless.id))?.references, []);
    for (const one of ['conformance/made:1', nameless.id]) await engine.removeImage(one, {});
    const none = '0'.repeat(64);
    await rejectsWith('engine.container-not-found', engine.commitContainer(none, { changes: [], pause: true }));
    await rejectsWith('engine.container-not-found', engine.exportContainer(none, output));
  });

  conforms('images are saved, unknown ones refused', async (engine) => {
    let length = 0;
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        done();
      },
    });
    const saved = await engine.saveImages({ references: [image], format: 'docker', output });
    assert.equal(
      saved.map((image) => image.id),
      [(await engine.inspectImage(image))?.id],
    );
    assert.ok(length >= 1024 && length % 512 === 0, `an archive of ${length} bytes`);
    await rejectsWith('engine.image-not-found', engine.saveImages({ references: ['no:such'], format: 'oci', output }));
  });

  conforms('an image that a container needs is not pruned, one without a name is', async (engine) => {
    const prune = { labels: [], withoutLabels: [] };
    const { id } = await engine.createContainer(container);
    const nameless = await engine.commitContainer(id, { changes: [], pause: false });
    const named = await engine.commitContainer(id, { message: 'm', reference: 'conformance/made:1', changes: [], pause: false });
    const base = await engine.describeImage(image);
    assert.is(JSON.parse(base?.document ?? '{}').rootfs.diff_ids.length, base?.storedLayers.length);
    assert.is(await engine.describeImage('no:such'), undefined);
    const usage = await engine.diskUsage();
    const usedBy = (id: string | undefined) => usage.images.find((one) => one.id === id)?.usedBy;
    assert.equal([usedBy(base?.id), usedBy(named.id)], [['conformance-web-1'], []]);
    assert.equal(
      usage.containers.map(({ name, imageId }) => [name, imageId]),
      [['conformance-web-1', base?.id]],
    );
    assert.ok(usage.imageBytes >= usage.reclaimableImageBytes);
    assert.equal((await engine.pruneImages({ ...prune, all: false, untilMs: 0 })).deleted, []);
    assert.equal((await engine.pruneImages({ ...prune, all: false, labels: ['no.such'] })).deleted, []);
    assert.equal((await engine.pruneImages({ ...prune, all: false })).deleted, [nameless.id]);
    const all = await engine.pruneImages({ ...prune, all: true });
    assert.equal([all.deleted, all.untagged], [[named.id], ['docker.io/conformance/made:1']]);
    assert.is((await engine.inspectImage(image))?.id, base?.id);
  });
}

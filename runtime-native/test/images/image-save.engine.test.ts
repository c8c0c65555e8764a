// timeout: 180s
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { ImageSave } from '#core/engine/store.ts';
import { listTar } from './tar-reader.ts';
import { writeTar } from './tar-writer.ts';
import { openTestStore, type TestStore } from './test-store.ts';

/** An image of one layer, whose archive is compressed like this. */
async function importImage(fixture: TestStore, reference: string | undefined, compress: (data: Buffer) => Buffer) {
  const source = join(fixture.root, 'source.tar');
  writeFileSync(source, compress(writeTar([{ name: 'content', content: `of ${reference} `.repeat(5000) }])));
  return fixture.store.import({ source, changes: ['CMD ["x"]'], ...(reference === undefined ? {} : { reference }) });
}

async function save(fixture: TestStore, request: Omit<ImageSave, 'output'>): Promise<string> {
  const path = join(fixture.root, 'saved.tar');
  const output = createWriteStream(path);
  await fixture.store.save({ ...request, output });
  output.end();
  await finished(output);
  return path;
}

const blobs = (archive: Buffer) => listTar(archive).filter((one) => one.name.startsWith('blobs/'));

for (const [name, compress] of [
  ['plain', (data: Buffer) => data],
  ['gzip', (data: Buffer) => gzipSync(data)],
  ['zstd', (data: Buffer) => zstdCompressSync(data)],
] as const) {
  test(`an image of ${name} layers comes back as it was`, async () => {
    await using fixture = openTestStore();
    const image = await importImage(fixture, 'app:1', compress);
    for (const format of ['oci', 'docker'] as const) {
      const path = await save(fixture, { references: ['app:1'], format });
      await using other = openTestStore();
      const [loaded] = await other.store.load(path, () => {});
      if (loaded === undefined) throw new Error('nothing was loaded');
      assert.is(loaded.id, image.id, format);
      assert.equal(loaded.references, ['docker.io/library/app:1']);
      if (format === 'oci' || name !== 'zstd') assert.is(loaded.digest, image.digest, 'the manifest too');
      const [lower = ''] = other.store.lowerDirectories(loaded.id);
      assert.is(readFileSync(join(lower, 'content'), 'utf8').length, 'of app:1 '.length * 5000);
    }
  });
}

test('several images and names are in one archive, what they share once', async () => {
  await using fixture = openTestStore();
  const one = await importImage(fixture, 'app:1', gzipSync);
  fixture.store.tag('app:1', 'app:same');
  fixture.store.tag('app:1', 'registry.example:5000/other:1');
  const two = await importImage(fixture, 'app:2', gzipSync);
  const nameless = await importImage(fixture, undefined, gzipSync);
  const path = await save(fixture, { references: ['app', 'registry.example:5000/other:1', nameless.id], format: 'docker' });
  const archive = readFileSync(path);
  assert.is(blobs(archive).length, 9, 'config, manifest and layer of three images');
  const manifest = JSON.parse(memberText(archive, 'manifest.json'));
  assert.equal(
    manifest.map((entry: { RepoTags: unknown }) => entry.RepoTags),
    [['app:1', 'app:same', 'registry.example:5000/other:1'], ['app:2'], null],
  );
  await using other = openTestStore();
  const loaded = await other.store.load(path, () => {});
  assert.equal(loaded.map((image) => image.id).sort(), [one.id, two.id, nameless.id].sort());
  assert.equal(other.store.inspect('app:same')?.id, one.id);
  assert.equal(other.store.inspect(nameless.id)?.references, []);
  const again = join(fixture.root, 'again.tar');
  writeFileSync(again, archive);
  assert.equal(
    readFileSync(await save(fixture, { references: ['app', 'registry.example:5000/other:1', nameless.id], format: 'docker' })),
    archive,
    'the same bytes every time',
  );
});

test('a name alone means all its tags, a tag only itself, an id no name', async () => {
  await using fixture = openTestStore();
  const image = await importImage(fixture, 'app:1', gzipSync);
  fixture.store.tag('app:1', 'app:2');
  fixture.store.tag('app:1', 'application:1');
  const names = async (reference: string) => {
    const archive = readFileSync(await save(fixture, { references: [reference], format: 'docker' }));
    return JSON.parse(memberText(archive, 'manifest.json'))[0].RepoTags;
  };
  assert.equal(await names('app'), ['app:1', 'app:2']);
  assert.equal(await names('app:2'), ['app:2']);
  assert.equal(await names(image.id), null);
  assert.equal(await names(image.id.slice(7, 19)), null);
});

test('the archive as a whole is compressed when asked', async () => {
  await using fixture = openTestStore();
  await importImage(fixture, 'app:1', (data) => data);
  const plain = readFileSync(await save(fixture, { references: ['app:1'], format: 'oci' }));
  const gzip = await save(fixture, { references: ['app:1'], format: 'oci', compression: 'gzip' });
  assert.equal(gunzipSync(readFileSync(gzip)), plain);
  const zstd = await save(fixture, { references: ['app:1'], format: 'oci', compression: 'zstd' });
  assert.equal(zstdDecompressSync(readFileSync(zstd)), plain);
  await using other = openTestStore();
  assert.is((await other.store.load(zstd, () => {})).length, 1);
});

test('a damaged blob is told, a closed output ends the work', async () => {
  await using fixture = openTestStore();
  const image = await importImage(fixture, 'app:1', gzipSync);
  const full = createWriteStream('/dev/full');
  const failed = fixture.store.save({ references: ['app:1'], format: 'oci', output: full });
  assert.match(String(await failed.catch((error: unknown) => error)), /ENOSPC/);
  const row = fixture.database.prepare('SELECT blob FROM image_layers WHERE image = ?').get(image.id);
  const path = join(fixture.paths.blobs, String(row?.['blob']).slice(7));
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  writeFileSync(path, bytes);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const damaged = await fixture.store.save({ references: ['app:1'], format: 'oci', output }).catch((error: unknown) => error);
  assert.ok(hasCode(damaged, 'engine.image-invalid'));
  assert.match(String(damaged), /other bytes under this digest/);
});

function memberText(archive: Buffer, name: string): string {
  for (let at = 0; at < archive.length; ) {
    const member = archive.subarray(at, at + 512);
    const size = Number.parseInt(member.subarray(124, 135).toString(), 8);
    if (member.subarray(0, name.length + 1).toString() === `${name}\0`)
      return archive.subarray(at + 512, at + 512 + size).toString();
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`no "${name}" in the archive`);
}

test.run();

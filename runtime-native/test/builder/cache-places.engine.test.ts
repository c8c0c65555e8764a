// timeout: 600s
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheSource, CacheTarget } from '#core/builder/cache-location.ts';
import { sha256Digest } from '#runtime/images/digest.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { type BuildFixture, buildFixture, file } from './build-fixture.ts';

const files = {
  Dockerfile: `FROM tscompose/busybox:1 AS tools
RUN echo tool > /tool
FROM tscompose/busybox:1
COPY src /src
COPY --from=tools /tool /tool
WORKDIR /made/here
RUN cat /src/a /tool > /both
`,
  'src/a': 'one',
};

/** Builds on a machine that has done nothing yet what another one has left, and returns what had to be done. */
async function elsewhere(other: BuildFixture, cacheFrom: readonly CacheSource[], changes: Readonly<Record<string, string>> = {}) {
  await other.base.engine.pruneBuildCache({});
  for (const { id, references } of await other.base.engine.listImages())
    if (!references.some((one) => one.includes('busybox'))) await other.base.engine.removeImage(id, { force: true });
  const told = other.base.notices.length;
  const { image, done, cached } = await other.build({ context: other.context({ ...files, ...changes }), cacheFrom });
  const tree = await other.tree(image, ['/both']);
  const { layers, createdAt } = image;
  return { layers, createdAt, done, cached: cached.length, tree, notices: other.base.notices.slice(told) };
}

const buildHere = (fixture: BuildFixture, cacheTo: readonly CacheTarget[], references: readonly string[] = []) =>
  fixture.build({ context: fixture.context(files), cacheTo, references });

const options = { mode: 'max', ignoreError: false } as const;

test('a bare machine builds from a directory without doing a step; a changed file still counts', async () => {
  await using fixture = await buildFixture();
  await using other = await buildFixture();
  const directory = join(fixture.base.root, 'cache');
  const { image, done } = await buildHere(fixture, [{ type: 'local', directory, tag: 'latest', ...options }]);
  assert.match(done.at(-1) ?? '', /exporting cache/);
  const source = { type: 'local', directory, tag: 'latest' } as const;

  const again = await elsewhere(other, [source]);
  assert.equal([again.done, again.cached, again.notices], [[], 5, []]);
  assert.equal([again.layers, again.createdAt], [image.layers, image.createdAt], 'the same files and dates');

  const changed = await elsewhere(other, [source], { 'src/a': 'two' });
  assert.equal(changed.tree, { '/both': file('twotool\n') });
  assert.is(changed.cached, 1, 'the other stage');
});

test('mode=min has what the image consists of, and caches of other tags stay beside it', async () => {
  await using fixture = await buildFixture();
  await using other = await buildFixture();
  const directory = join(fixture.base.root, 'cache');
  await buildHere(fixture, [
    { type: 'local', directory, tag: 'max', ...options },
    { type: 'local', directory, tag: 'min', mode: 'min', ignoreError: false },
  ]);
  const least = await elsewhere(other, [{ type: 'local', directory, tag: 'min' }]);
  assert.is(least.done.length > 0, true);
  assert.match(least.done[0] ?? '', /tools 2\/2\] RUN/);
  assert.equal((await elsewhere(other, [{ type: 'local', directory, tag: 'max' }])).done, []);
});

test('a registry holds a cache, or an image that has it inside', async () => {
  await using fixture = await buildFixture();
  await using other = await buildFixture();
  const home = mkdtempSync('/tmp/tsc-cache-');
  const registry = await startDockerRegistry({ directory: home });
  try {
    const host = `127.0.0.1:${registry.port}`;
    const reference = `${host}/team/cache:build`;
    await buildHere(fixture, [{ type: 'registry', reference, ...options }]);
    const again = await elsewhere(other, [{ type: 'registry', reference }]);
    assert.equal([again.done, again.cached], [[], 5]);

    const name = `${host}/team/app:1`;
    const { image } = await buildHere(fixture, [{ type: 'inline' }], [name]);
    await fixture.base.engine.pushImage(name, () => {});
    // The stage that only lends a file is not in the image.
    const inline = await elsewhere(other, [{ type: 'registry', reference: name }]);
    assert.equal([inline.done.length, inline.tree], [5 - inline.cached, { '/both': file('onetool\n') }]);
    assert.ok(inline.cached > 0);
    assert.is(JSON.stringify(image.layers).length > 0, true);
  } finally {
    registry.kill();
    rmSync(home, { recursive: true, force: true });
  }
});

test('a cache that is missing, broken or lies is told, and the build goes on', async () => {
  await using fixture = await buildFixture();
  await using other = await buildFixture();
  const directory = join(fixture.base.root, 'cache');
  await buildHere(fixture, [{ type: 'local', directory, tag: 'latest', ...options }]);
  const source = { type: 'local', directory, tag: 'latest' } as const;
  const expected = { '/both': file('onetool\n') };
  const blob = (digest: string) => join(directory, 'blobs/sha256', digest.slice(7));
  const index = () => JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
  const check = async (reason: RegExp): Promise<void> => {
    const { tree, notices } = await elsewhere(other, [source]);
    assert.equal(tree, expected);
    assert.equal(
      notices.map(({ code, severity }) => [code, severity]),
      [['build.cache-unusable', 'warning']],
    );
    assert.match(notices[0]?.message ?? '', reason);
  };

  const none = await elsewhere(other, [
    { type: 'local', directory: '/nowhere', tag: 'latest' },
    { type: 'registry', reference: '127.0.0.1:1/no/thing:1' },
    { ...source, tag: 'other' },
  ]);
  assert.equal([none.tree, none.notices.length], [expected, 3]);

  // A list that claims the result of one step for another.
  const manifest = JSON.parse(readFileSync(blob(index().manifests[0].digest), 'utf8'));
  const list = JSON.parse(readFileSync(blob(manifest.config.digest), 'utf8'));
  const put = (text: string): { readonly digest: string; readonly size: number } => {
    const digest = sha256Digest(text);
    writeFileSync(blob(digest), text);
    return { digest, size: Buffer.byteLength(text) };
  };
  const replaceList = (changed: unknown): void => {
    const config = { ...manifest.config, ...put(JSON.stringify(changed)) };
    const entry = { ...index().manifests[0], ...put(JSON.stringify({ ...manifest, config })) };
    writeFileSync(join(directory, 'index.json'), JSON.stringify({ ...index(), manifests: [entry] }));
  };
  const swap = (a: RegExp, b: RegExp) => {
    const find = (title: RegExp) => list.steps.find((step: { title: string }) => title.test(step.title));
    const [one, other] = [find(a), find(b)];
    const layers = new Map([
      [one, other.layer],
      [other, one.layer],
    ]);
    return list.steps.map((step: { layer: number }) => ({ ...step, layer: layers.get(step) ?? step.layer }));
  };
  replaceList({ ...list, steps: swap(/RUN cat/, /WORKDIR/) });
  await check(/stands on other files/);
  // Both stand on the base image. What is only copied is checked; a RUN's result has to be believed.
  replaceList({
    ...list,
    steps: swap(/RUN echo tool/, /COPY src/).filter((step: { title: string }) => !/RUN echo/.test(step.title)),
  });
  await check(/has other files than are copied here/);
  replaceList({ ...list, layers: list.layers.map((layer: object) => ({ ...layer, parent: 99 })) });
  await check(/layer 0 of its build cache is wrong/);
  replaceList({
    ...list,
    layers: list.layers.map((layer: { blob: object }) => ({ ...layer, blob: { ...layer.blob, size: 7 } })),
  });
  await check(/has no blob/);

  replaceList(list);
  for (const name of readdirSync(join(directory, 'blobs/sha256')))
    if (list.layers.some((layer: { blob: { digest: string } }) => layer.blob.digest.endsWith(name))) {
      const path = join(directory, 'blobs/sha256', name);
      const data = readFileSync(path);
      data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1);
      writeFileSync(path, data);
    }
  await check(/damaged|archive|checksum|zstd/i);
  for (const name of readdirSync(join(directory, 'blobs/sha256'))) {
    const path = join(directory, 'blobs/sha256', name);
    if (!list.layers.some((layer: { blob: { digest: string } }) => layer.blob.digest.endsWith(name))) continue;
    rmSync(path);
    symlinkSync('/etc/passwd', path);
  }
  await check(/has no blob/);
  appendFileSync(join(directory, 'index.json'), '}');
  await check(/JSON/);
});

test('an export that fails is an error, or a warning where that is asked for; the image is there', async () => {
  await using fixture = await buildFixture();
  await using _other = await buildFixture();
  const place = { type: 'registry', reference: '127.0.0.1:1/no/thing:1', mode: 'max' } as const;
  await buildHere(fixture, [{ ...place, ignoreError: true }], ['kept:1']);
  assert.equal(
    fixture.base.notices.map(({ code, severity }) => [code, severity]),
    [['build.cache-export-failed', 'warning']],
  );
  const failure = await buildHere(fixture, [{ ...place, ignoreError: false }], ['kept:2']).catch((error: unknown) => error);
  assert.match(String(failure), /cannot be written to "127\.0\.0\.1:1/);
  assert.ok(await fixture.base.engine.inspectImage('kept:2'));
  assert.not.ok(existsSync('/no'));
});

test.run();

// timeout: 300s
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { sha256Digest } from '#runtime/images/digest.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';
import { helper, openTestStore, type TestStore } from './test-store.ts';

const accountFiles: readonly TarEntry[] = [
  { name: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\napp:x:7:8::/app:/bin/sh\n' },
  { name: 'etc/group', content: 'root:x:0:\nextra:x:9:app\n' },
];

function writeArchive(fixture: TestStore, name: string, entries: readonly TarEntry[]): string {
  const path = join(fixture.root, name);
  writeFileSync(path, writeTar(entries));
  return path;
}

/** A `docker save` archive of one image whose layers are given bottom first. */
function dockerArchive(layers: readonly Buffer[], tags: readonly string[]): Buffer {
  const diff_ids = layers.map((layer) => sha256Digest(layer));
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    config: { Cmd: ['x'] },
    rootfs: { type: 'layers', diff_ids },
  });
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: layers.map((_, i) => `${i}/layer.tar`) }]);
  const members = layers.map((layer, i): TarEntry => ({ name: `${i}/layer.tar`, content: layer }));
  return writeTar([{ name: 'config.json', content: config }, { name: 'manifest.json', content: manifest }, ...members]);
}

/** Nothing of an image, whole or half, is in the store. */
function assertEmpty(fixture: TestStore): void {
  assert.equal(fixture.store.list(), []);
  for (const path of [fixture.paths.layers, fixture.paths.blobs, fixture.paths.temporary]) {
    assert.equal(existsSync(path) ? readdirSync(path) : [], [], path);
  }
}

async function code(run: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof run === 'function' ? run() : run);
  } catch (error) {
    for (const known of ['image-invalid', 'image-in-use', 'image-not-found', 'user-not-found', 'disk-full']) {
      if (hasCode(error, `engine.${known}`)) return known;
    }
    throw error;
  }
  return 'no error';
}

test('imports an archive with its configuration', async () => {
  await using fixture = openTestStore();
  const source = writeArchive(fixture, 'a.tar', [{ name: 'hello', content: 'world' }]);
  const image = await fixture.store.import({
    source,
    reference: 'app:1',
    changes: ['CMD ["/x"]', 'USER 5'],
    platform: 'linux/arm64',
  });
  assert.equal(image.references, ['docker.io/library/app:1']);
  assert.equal(image.config, { Cmd: ['/x'], User: '5' });
  assert.equal(image.platform, { os: 'linux', architecture: 'arm64' });
  assert.equal(image.layers, [sha256Digest(readFileSync(source))]);
  const [lower = ''] = fixture.store.lowerDirectories(image.id);
  assert.is(readFileSync(join(lower, 'hello'), 'utf8'), 'world');
  const found = ['app:1', 'docker.io/library/app:1', image.id, image.id.slice(7, 15), image.digest, `app@${image.digest}`];
  for (const reference of found) assert.is(fixture.store.inspect(reference)?.id, image.id, reference);
  for (const reference of ['app:2', 'other', 'ffff', `other@${image.digest}`]) {
    assert.is(fixture.store.inspect(reference), undefined, reference);
  }
  const config = readFileSync(join(fixture.paths.blobs, image.id.slice(7)), 'utf8');
  assert.is(sha256Digest(config), image.id, 'the blob is there under its digest');
});

test('imports from a stream', async () => {
  await using fixture = openTestStore();
  const stdin = Readable.from([gzipSync(writeTar([{ name: 'a', content: 'x' }]))]);
  const image = await fixture.store.import({ source: '-', stdin, changes: [] });
  assert.equal(image.references, []);
});

test('imports from a URL; a cut transfer and an error status import nothing', async () => {
  await using fixture = openTestStore();
  const archive = gzipSync(writeTar([{ name: 'a', content: 'x'.repeat(100_000) }]));
  const server = createServer((request, response) => {
    if (request.url === '/missing') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': archive.length });
    if (request.url === '/whole') return void response.end(archive);
    response.write(archive.subarray(0, 100));
    setTimeout(() => response.destroy(), 50);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const load = (path: string) => fixture.store.import({ source: `http://127.0.0.1:${port}${path}`, changes: [] });
    assert.is(await code(load('/missing')), 'image-invalid');
    assert.is(await code(load('/cut')), 'image-invalid');
    assertEmpty(fixture);
    assert.is((await load('/whole')).layers.length, 1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an archive of 100,000 entries is one layer', async () => {
  await using fixture = openTestStore();
  const entries = Array.from({ length: 100_000 }, (_, index): TarEntry => ({ name: `d${index % 100}/${index}` }));
  const source = writeArchive(fixture, 'many.tar', entries);
  const image = await fixture.store.import({ source, reference: 'many', changes: [] });
  const [lower = ''] = fixture.store.lowerDirectories(image.id);
  assert.is(readdirSync(lower).length, 100);
  assert.is(readdirSync(join(lower, 'd7')).length, 1000);
  await fixture.store.remove('many', {});
  assertEmpty(fixture);
});

test('looks users up as overlayfs shows the layers', async () => {
  await using fixture = openTestStore();
  const upper = writeTar([{ name: 'etc/.wh.group' }, { name: 'etc/passwd', content: 'other:x:77:78::/o:/bin/sh\n' }]);
  const path = join(fixture.root, 'a.tar');
  writeFileSync(path, dockerArchive([writeTar(accountFiles)], ['one']));
  const [one] = await fixture.store.load(path, () => {});
  writeFileSync(path, dockerArchive([writeTar(accountFiles), upper], ['two']));
  const [two] = await fixture.store.load(path, () => {});
  const lookup = (image: string | undefined, user: string) => fixture.store.lookupUser(image ?? '', { user, groups: [] });
  assert.equal(await lookup(one?.id, 'app'), { uid: 7, gid: 8, groups: [9], home: '/app' });
  assert.equal(await lookup(one?.id, 'app'), { uid: 7, gid: 8, groups: [9], home: '/app' }, 'from the cache too');
  assert.equal(await lookup(two?.id, 'other'), { uid: 77, gid: 78, groups: [], home: '/o' });
  assert.is(await code(lookup(two?.id, 'app')), 'user-not-found');
  assert.is(await code(lookup(two?.id, 'other:extra')), 'user-not-found', 'the group file was removed above');
});

test('a directory that a layer does not describe keeps what the layers below say of it', async () => {
  await using fixture = openTestStore();
  const layers = [
    writeTar([
      { name: './', type: '5', mode: 0o750, uid: 3 },
      { name: 'd/', type: '5', mode: 0o2770, uid: 5, gid: 6, mtime: 1_000_000, pax: { 'SCHILY.xattr.user.a': 'b' } },
      { name: 'd/e/', type: '5', mode: 0o700, uid: 7 },
      { name: 'file', content: 'x' },
    ]),
    writeTar([{ name: 'd/e/first', content: 'x' }]),
    writeTar([
      { name: 'd/e/second', content: 'x' },
      { name: 'new/f', content: 'x' },
      { name: 'file/below', content: 'x' },
    ]),
    writeTar([
      { name: 'd/third', content: 'x' },
      { name: 'd/', type: '5', mode: 0o755, uid: 9 },
    ]),
  ];
  const path = join(fixture.root, 'a.tar');
  writeFileSync(path, dockerArchive(layers, ['one']));
  const [image] = await fixture.store.load(path, () => {});
  const [top = '', third = ''] = fixture.store.lowerDirectories(image?.id ?? '');
  const of = (directory: string, name: string) => {
    const { mode, uid, gid, mtimeMs } = statSync(join(directory, name));
    return [mode & 0o7777, uid, gid, mtimeMs === 1_000_000_000];
  };
  assert.equal(of(third, 'd'), [0o2770, 5, 6, true]);
  assert.equal(of(third, 'd/e').slice(0, 2), [0o700, 7]);
  assert.equal(of(third, '.').slice(0, 2), [0o750, 3]);
  assert.equal(of(third, 'new').slice(0, 2), [0o755, 0]);
  assert.equal(of(third, 'file').slice(0, 2), [0o755, 0], 'a file below is no directory');
  assert.equal(of(top, 'd').slice(0, 2), [0o755, 9], 'what the layer says itself holds');
  assert.equal(of(top, '.').slice(0, 2), [0o750, 3]);
});

test('images share layers, and the last one takes them along', async () => {
  await using fixture = openTestStore();
  const base = writeTar([{ name: 'base', content: 'x' }]);
  const [first, second] = [writeTar([{ name: 'first' }]), writeTar([{ name: 'second' }])];
  const load = async (layers: readonly Buffer[], tags: readonly string[]) => {
    const path = join(fixture.root, 'a.tar');
    writeFileSync(path, dockerArchive(layers, tags));
    return (await fixture.store.load(path, () => {}))[0];
  };
  const one = await load([base, first], ['one:1', 'one:2']);
  const two = await load([base, second], ['two']);
  assert.is(readdirSync(fixture.paths.layers).length, 3);
  assert.is(fixture.store.lowerDirectories(one?.id ?? '')[1], fixture.store.lowerDirectories(two?.id ?? '')[1]);

  assert.equal(await fixture.store.remove('one:1', {}), { untagged: ['docker.io/library/one:1'], deleted: [] });
  assert.equal(await fixture.store.remove('one:2', {}), { untagged: ['docker.io/library/one:2'], deleted: [one?.id ?? ''] });
  assert.is(readdirSync(fixture.paths.layers).length, 2);
  assert.is(fixture.store.lowerDirectories(two?.id ?? '').filter((path) => existsSync(path)).length, 2);
  await fixture.store.remove(two?.id ?? '', {});
  assertEmpty(fixture);
  assert.is(await code(fixture.store.remove('two', {})), 'image-not-found');
});

test('the same archive twice is one image', async () => {
  await using fixture = openTestStore();
  const path = join(fixture.root, 'a.tar');
  writeFileSync(path, dockerArchive([writeTar([{ name: 'a' }])], ['a:1']));
  const first = await fixture.store.load(path, () => {});
  const files = readdirSync(fixture.paths.blobs);
  assert.equal(await fixture.store.load(path, () => {}), first);
  assert.equal(readdirSync(fixture.paths.blobs), files);
  assert.is(fixture.store.list().length, 1);
});

test('a tag moves to the newer image, the older one stays without it', async () => {
  await using fixture = openTestStore();
  const source = writeArchive(fixture, 'a.tar', [{ name: 'a' }]);
  const first = await fixture.store.import({ source, reference: 'a', changes: [] });
  const second = await fixture.store.import({ source, reference: 'a', changes: ['CMD x'] });
  assert.is(fixture.store.inspect('a')?.id, second.id);
  assert.equal(fixture.store.inspect(first.id)?.references, []);
  fixture.store.tag(first.id, 'b:2');
  assert.is(fixture.store.inspect('b:2')?.id, first.id);
});

test('an image that a container uses stays', async () => {
  await using fixture = openTestStore();
  const source = writeArchive(fixture, 'a.tar', [{ name: 'a' }]);
  const image = await fixture.store.import({ source, reference: 'a', changes: [] });
  fixture.database
    .prepare("INSERT INTO containers VALUES ('c', 'web-1', 'p', 'web', 1, 0, ?, '2024', 'stopped', '{}')")
    .run(image.id);
  assert.is(await code(fixture.store.remove('a', {})), 'image-in-use');
  assert.equal(fixture.store.inspect('a')?.id, image.id);
  assert.equal(await fixture.store.remove('a', { force: true }), { untagged: ['docker.io/library/a:latest'], deleted: [] });
  assert.ok(existsSync(fixture.store.lowerDirectories(image.id)[0] ?? ''));
});

const wrong: Readonly<Record<string, (base: Buffer) => Buffer>> = {
  'no archive at all': () => Buffer.from('hello'.repeat(1000)),
  'an archive that holds no image': () => writeTar([{ name: 'a' }]),
  'a layer that is missing': (base) => {
    const manifest = JSON.stringify([{ Config: 'c', RepoTags: [], Layers: ['none'] }]);
    const config = JSON.stringify({ rootfs: { diff_ids: [sha256Digest(base)] } });
    return writeTar([
      { name: 'manifest.json', content: manifest },
      { name: 'c', content: config },
    ]);
  },
  'a layer with another digest': (base) => {
    const manifest = JSON.stringify([{ Config: 'c', RepoTags: [], Layers: ['l'] }]);
    const config = JSON.stringify({ rootfs: { diff_ids: [sha256Digest('other')] } });
    return writeTar([
      { name: 'manifest.json', content: manifest },
      { name: 'c', content: config },
      { name: 'l', content: base },
    ]);
  },
  'a layer that is no archive': () => dockerArchive([Buffer.from('x'.repeat(5000))], []),
  'a good image and a damaged layer': (base) => dockerArchive([base, base.subarray(0, 700)], ['x']),
  'an archive that is cut': (base) => dockerArchive([base], []).subarray(0, 2000),
  'cut compressed data': (base) => gzipSync(dockerArchive([base], [])).subarray(0, 200),
};

for (const [what, make] of Object.entries(wrong)) {
  test(`loads nothing of ${what}`, async () => {
    await using fixture = openTestStore();
    const path = join(fixture.root, 'bad.tar');
    writeFileSync(path, make(writeTar([{ name: 'a', content: 'x'.repeat(1000) }])));
    assert.is(await code(fixture.store.load(path, () => {})), 'image-invalid');
    assertEmpty(fixture);
  });
}

test('a directory and a missing file are no archives to import', async () => {
  await using fixture = openTestStore();
  assert.is(await code(fixture.store.import({ source: fixture.root, changes: [] })), 'image-invalid');
  assert.is(await code(fixture.store.import({ source: '/nowhere', changes: [] })), 'image-invalid');
  assert.is(await code(fixture.store.import({ source: '-', changes: [] })), 'image-invalid');
});

test('an aborted import leaves nothing', async () => {
  await using fixture = openTestStore();
  const archive = writeTar([{ name: 'a', content: Buffer.alloc(1_000_000) }]);
  const controller = new AbortController();
  const stdin = Readable.from(
    (async function* () {
      yield archive.subarray(0, 500_000);
      await sleep(50);
      controller.abort(new Error('enough'));
      await sleep(50);
      yield archive.subarray(500_000);
    })(),
  );
  const error = await fixture.store
    .import({ source: '-', stdin, changes: [] }, controller.signal)
    .catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'enough');
  assertEmpty(fixture);
});

test('a full disk is one clear error and leaves nothing', async () => {
  await using fixture = openTestStore();
  mkdirSync(fixture.paths.temporary, { recursive: true });
  mkdirSync(fixture.paths.layers, { recursive: true });
  assert.is(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tscompose-test', fixture.paths.temporary]).status, 0);
  try {
    // Random content: the archive fits through no smaller hole.
    const { randomBytes } = await import('node:crypto');
    const stdin = Readable.from([gzipSync(writeTar([{ name: 'big', content: randomBytes(3_500_000) }]))]);
    assert.is(await code(fixture.store.import({ source: '-', stdin, changes: [] })), 'disk-full');
    assertEmpty(fixture);
  } finally {
    spawnSync('umount', [fixture.paths.temporary]);
  }
});

test('what a killed import left is swept by the next one', async () => {
  await using fixture = openTestStore();
  const script = `
    import { openDatabase } from '#runtime/host/database.ts';
    import { statePaths } from '#runtime/host/paths.ts';
    import { openImageStore } from '#runtime/images/open-image-store.ts';
    const paths = statePaths(process.env);
    const store = openImageStore({ database: openDatabase(paths.database), paths, helper: ${JSON.stringify(helper)} });
    await store.import({ source: '-', stdin: process.stdin, changes: [] });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, ...fixture.env },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.stdin?.on('error', () => {});
  child.stdin?.write(writeTar([{ name: 'a', content: Buffer.alloc(2_000_000) }]).subarray(0, 1_500_000));
  const written = () =>
    existsSync(fixture.paths.temporary) &&
    readdirSync(fixture.paths.temporary, { recursive: true }).some((name) => String(name).endsWith('/a'));
  for (let i = 0; i < 500 && !written(); i++) await sleep(10);
  assert.ok(written(), 'it was in the middle');
  child.kill('SIGKILL');
  await ended;
  assert.is(readdirSync(fixture.paths.temporary).length, 1);

  const source = writeArchive(fixture, 'b.tar', [{ name: 'b' }]);
  const image = await fixture.store.import({ source, reference: 'b', changes: [] });
  assert.equal(
    fixture.store.list().map((one) => one.id),
    [image.id],
  );
  assert.equal(readdirSync(fixture.paths.temporary), []);
});

test('files without rows, from a process killed while it committed, do not stand in the way', async () => {
  await using fixture = openTestStore();
  const source = writeArchive(fixture, 'a.tar', [{ name: 'a', content: 'right' }]);
  const first = await fixture.store.import({ source, reference: 'a', changes: [] });
  fixture.database.exec('DELETE FROM image_references; DELETE FROM images; DELETE FROM layers');
  const [layer = ''] = readdirSync(fixture.paths.layers);
  writeFileSync(join(fixture.paths.layers, layer, 'diff', 'a'), 'wrong');
  const second = await fixture.store.import({ source, reference: 'a', changes: [] });
  assert.equal(second.layers, first.layers);
  assert.is(readFileSync(join(fixture.store.lowerDirectories(second.id)[0] ?? '', 'a'), 'utf8'), 'right');
  assert.is(readdirSync(fixture.paths.blobs).length, 3);
});

test.run();

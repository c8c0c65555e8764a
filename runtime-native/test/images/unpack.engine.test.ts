import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256Digest } from '#runtime/images/digest.ts';
import { HelperError, runHelper } from '#runtime/images/helper-client.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';
import { helper } from './test-store.ts';

interface Sandbox extends Disposable {
  readonly path: string;
  /** Where archives are unpacked. */
  readonly target: string;
}

function openSandbox(): Sandbox {
  const path = mkdtempSync('/tmp/tsc-unpack-');
  return { path, target: join(path, 'target'), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function unpack(sandbox: Sandbox, archive: Buffer | readonly TarEntry[], more: { readonly maxBytes?: number } = {}) {
  const source = join(sandbox.path, 'archive');
  writeFileSync(source, Buffer.isBuffer(archive) ? archive : writeTar(archive as readonly TarEntry[]));
  return runHelper({ op: 'unpack', source, target: sandbox.target, ...more }, { helper });
}

async function refusal(run: Promise<unknown>): Promise<HelperError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, HelperError);
  return error as HelperError;
}

const names = (path: string) => readdirSync(path).sort();

test('keeps type, owner, mode, time and content', async () => {
  using sandbox = openSandbox();
  await unpack(sandbox, [
    { name: './', type: '5', mode: 0o750, uid: 5, mtime: 1_100_000_000 },
    { name: 'd/', type: '5', mode: 0o2775, uid: 1, gid: 2, mtime: 1_200_000_000 },
    { name: 'd/file', content: 'hello', mode: 0o4711, uid: 70000, gid: 3 },
    { name: 'd/hard', type: '1', link: 'd/file' },
    { name: 'd/link', type: '2', link: '../../../etc/passwd', uid: 9 },
    { name: 'fifo', type: '6', mode: 0o600 },
    { name: 'null', type: '3', device: [1, 3], mode: 0o666 },
    { name: 'made/of/nothing/file', content: 'x' },
  ]);
  const stat = (name: string) => lstatSync(join(sandbox.target, name));
  assert.is(stat('.').mode & 0o7777, 0o750);
  assert.is(stat('.').uid, 5);
  assert.is(stat('.').mtimeMs, 1_100_000_000_000);
  assert.is(stat('d').mode & 0o7777, 0o2775);
  assert.is(stat('d').mtimeMs, 1_200_000_000_000, 'although files were made in it later');
  assert.is(stat('d/file').mode & 0o7777, 0o4711);
  assert.equal([stat('d/file').uid, stat('d/file').gid, stat('d/file').nlink], [70000, 3, 2]);
  assert.is(stat('d/hard').ino, stat('d/file').ino);
  assert.is(readFileSync(join(sandbox.target, 'd/hard'), 'utf8'), 'hello');
  assert.is(readlinkSync(join(sandbox.target, 'd/link')), '../../../etc/passwd');
  assert.is(stat('d/link').uid, 9);
  assert.ok(stat('fifo').isFIFO());
  assert.ok(stat('null').isCharacterDevice());
  assert.is(stat('null').rdev, 0x103);
  assert.is(stat('made/of').mode & 0o7777, 0o755);
});

for (const [name, compress] of [
  ['none', (data: Buffer) => data],
  ['gzip', (data: Buffer) => gzipSync(data)],
  ['gzip in two members', (data: Buffer) => Buffer.concat([gzipSync(data.subarray(0, 700)), gzipSync(data.subarray(700))])],
  ['zstd', (data: Buffer) => zstdCompressSync(data)],
  [
    'zstd in two frames',
    (data: Buffer) => Buffer.concat([zstdCompressSync(data.subarray(0, 700)), zstdCompressSync(data.subarray(700))]),
  ],
] as const) {
  test(`digests both sides: ${name}`, async () => {
    using sandbox = openSandbox();
    const plain = writeTar([{ name: 'a', content: Buffer.alloc(3_000_000, 'abc') }]);
    const packed = compress(plain);
    const answer = await unpack(sandbox, packed);
    assert.is(answer['diffId'], sha256Digest(plain));
    assert.is(answer['digest'], sha256Digest(packed));
    assert.is(answer['compression'], name.split(' ')[0]);
    assert.is(answer['sizeBytes'], packed.length);
    assert.is(readFileSync(join(sandbox.target, 'a')).length, 3_000_000);
  });
}

test('a later entry replaces an earlier one of any type', async () => {
  using sandbox = openSandbox();
  await unpack(sandbox, [
    { name: 'a', content: 'file' },
    { name: 'a/', type: '5' },
    { name: 'a/x/y', content: 'deep' },
    { name: 'a', type: '2', link: 'b' },
    { name: 'b/', type: '5' },
    { name: 'a', content: 'again' },
    { name: 'b/', type: '5', mode: 0o700 },
  ]);
  assert.is(readFileSync(join(sandbox.target, 'a'), 'utf8'), 'again');
  assert.equal(names(join(sandbox.target, 'b')), []);
  assert.is(lstatSync(join(sandbox.target, 'b')).mode & 0o777, 0o700);
});

test('whiteouts become devices 0/0, and what the layer itself brings stays', async () => {
  using sandbox = openSandbox();
  await unpack(sandbox, [
    { name: 'd/.wh.gone' },
    { name: 'd/.wh.back' },
    { name: 'd/back', content: 'here' },
    { name: 'kept', content: 'kept' },
    { name: '.wh.kept' },
    { name: '.wh..wh.plnk/1.2', content: 'bookkeeping' },
    { name: 'o/.wh..wh..opq' },
  ]);
  const gone = lstatSync(join(sandbox.target, 'd/gone'));
  assert.ok(gone.isCharacterDevice());
  assert.is(gone.rdev, 0);
  assert.is(readFileSync(join(sandbox.target, 'd/back'), 'utf8'), 'here');
  assert.is(readFileSync(join(sandbox.target, 'kept'), 'utf8'), 'kept');
  assert.equal(names(join(sandbox.target, 'o')), []);
});

/** Archives that try to reach a file beside the target; `victim` must stay as it is. */
const escapes: Readonly<Record<string, readonly TarEntry[]>> = {
  'dots in a name': [{ name: '../victim', content: 'evil' }],
  'dots inside a name': [{ name: 'a/../../victim', content: 'evil' }],
  'a symbolic link to the parent': [
    { name: 'up', type: '2', link: '..' },
    { name: 'up/victim', content: 'evil' },
  ],
  'an absolute symbolic link': [
    { name: 'out', type: '2', link: 'SANDBOX' },
    { name: 'out/victim', content: 'evil' },
  ],
  'a symbolic link to a file': [
    { name: 'victim', type: '2', link: '../victim' },
    { name: 'victim', content: 'evil' },
  ],
  'a hard link to a file outside': [{ name: 'h', type: '1', link: '../victim' }],
  'a hard link through a symbolic link': [
    { name: 'up', type: '2', link: 'SANDBOX' },
    { name: 'h', type: '1', link: 'up/victim' },
    { name: 'h', content: 'evil' },
  ],
  'a directory through a symbolic link': [
    { name: 'up', type: '2', link: '..' },
    { name: 'up/made/', type: '5', mode: 0o777 },
  ],
  'a whiteout of what lies above': [{ name: '.wh...' }],
  'a whiteout through a symbolic link': [{ name: 'up', type: '2', link: '..' }, { name: 'up/.wh.victim' }],
  'a magic link': [
    { name: 'proc', type: '2', link: '/proc/self/cwd' },
    { name: 'proc/victim', content: 'evil' },
  ],
  'a name in an extended header': [{ name: 'x', pax: { path: '../victim' }, content: 'evil' }],
};

for (const [what, entries] of Object.entries(escapes)) {
  test(`cannot get out: ${what}`, async () => {
    using sandbox = openSandbox();
    const victim = join(sandbox.path, 'victim');
    writeFileSync(victim, 'innocent');
    const before = lstatSync(victim);
    await unpack(
      sandbox,
      entries.map((one) => ({ ...one, ...(one.link === undefined ? {} : { link: one.link.replace('SANDBOX', sandbox.path) }) })),
    ).catch((error: unknown) => {
      assert.instance(error, HelperError);
      assert.is((error as HelperError).reason, 'archive');
    });
    assert.is(readFileSync(victim, 'utf8'), 'innocent');
    assert.equal([lstatSync(victim).nlink, lstatSync(victim).ino], [1, before.ino]);
    assert.equal(
      names(sandbox.path).filter((name) => name !== 'target'),
      ['archive', 'victim'],
    );
  });
}

test('does not set the attributes by which overlayfs finds its way', async () => {
  using sandbox = openSandbox();
  const pax = { 'SCHILY.xattr.trusted.overlay.redirect': '/etc', 'SCHILY.xattr.user.kept': 'yes' };
  await unpack(sandbox, [{ name: 'd/', type: '5', pax }]);
  // The attributes of a directory in an archive that GNU tar writes again.
  const { spawnSync } = await import('node:child_process');
  const again = spawnSync('tar', ['-C', sandbox.target, '--xattrs', '--xattrs-include=*', '-cf', '-', 'd']).stdout.toString(
    'latin1',
  );
  assert.match(again, 'user.kept=yes');
  assert.not.match(again, 'overlay.redirect');
});

const good = writeTar([{ name: 'a', content: 'x'.repeat(2000) }]);
const damaged: Readonly<Record<string, Buffer>> = {
  'no archive': Buffer.from('this is no archive at all'.repeat(100)),
  'a header with a wrong checksum': Buffer.concat([Buffer.from('b'), good.subarray(1)]),
  'an archive cut inside a file': good.subarray(0, 1000),
  'an archive cut inside a header': good.subarray(0, 300),
  'cut gzip data': gzipSync(good).subarray(0, 60),
  'gzip data with a wrong byte': (() => {
    const packed = gzipSync(good);
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1;
    return packed;
  })(),
  'gzip data with something behind': Buffer.concat([gzipSync(good), Buffer.from('garbage')]),
  'cut zstd data': zstdCompressSync(good).subarray(0, 40),
  'a size beyond the end': writeTar([{ name: 'a', content: 'x', size: 10_000_000 }]),
  'an unknown type': writeTar([{ name: 'a', type: 'Z' }]),
  'a hard link to nothing': writeTar([{ name: 'a', type: '1', link: 'b' }]),
  'a hard link to a directory': writeTar([
    { name: 'd/', type: '5' },
    { name: 'a', type: '1', link: 'd' },
  ]),
  'a file below a file': writeTar([
    { name: 'a', content: 'x' },
    { name: 'a/b', content: 'x' },
  ]),
  'a symbolic link loop as parent': writeTar([
    { name: 'l', type: '2', link: 'l' },
    { name: 'l/b', content: 'x' },
  ]),
  'a pax record without an end': writeTar([{ name: 'a', type: 'x', content: '99 path=b\n' }, { name: 'a' }]),
  'a pax number that is none': writeTar([{ name: 'a', pax: { size: 'many' } }]),
  'a name that is too long': writeTar([{ name: 'a', pax: { path: 'x/'.repeat(3000) } }]),
  'a component that is too long': writeTar([{ name: 'a', pax: { path: 'x'.repeat(300) } }]),
  'a sparse map that does not fit': writeTar([
    { name: 'a', content: 'x', pax: { 'GNU.sparse.map': '0,100', 'GNU.sparse.size': '9' } },
  ]),
  'an owner that cannot be': writeTar([{ name: 'a', pax: { uid: '4294967295' } }]),
};

for (const [what, archive] of Object.entries(damaged)) {
  test(`refuses ${what}`, async () => {
    using sandbox = openSandbox();
    const error = await refusal(unpack(sandbox, archive));
    assert.is(error.reason, 'archive', error.message);
  });
}

test('stops at the limit that it is given', async () => {
  using sandbox = openSandbox();
  const bomb = gzipSync(writeTar([{ name: 'zeros', content: Buffer.alloc(20_000_000) }]));
  assert.ok(bomb.length < 100_000);
  const error = await refusal(unpack(sandbox, bomb, { maxBytes: 1_000_000 }));
  assert.is(error.reason, 'limit');
  assert.ok(lstatSync(join(sandbox.target, 'zeros')).size <= 1_000_000);
});

test('a huge sparse file takes no space', async () => {
  using sandbox = openSandbox();
  const pax = { 'GNU.sparse.size': '1000000000000', 'GNU.sparse.map': '999999999999,1' };
  await unpack(sandbox, [{ name: 's', content: 'x', pax }]);
  const { size, blocks } = lstatSync(join(sandbox.target, 's'));
  assert.is(size, 1_000_000_000_000);
  assert.ok(blocks < 100);
});

test('an archive in the middle of a file is unpacked from there', async () => {
  using sandbox = openSandbox();
  const source = join(sandbox.path, 'outer');
  writeFileSync(source, Buffer.concat([Buffer.alloc(777, 'x'), good, Buffer.alloc(99, 'y')]));
  const request = {
    op: 'unpack',
    source,
    offset: 777,
    length: good.length,
    target: sandbox.target,
    blob: join(sandbox.path, 'blob'),
  } as const;
  const answer = await runHelper(request, { helper });
  assert.is(answer['digest'], sha256Digest(good));
  assert.ok(readFileSync(request.blob).equals(good));
  const error = await refusal(
    runHelper({ ...request, length: 5000, target: `${sandbox.target}2`, blob: `${request.blob}2` }, { helper }),
  );
  assert.is(error.reason, 'archive');
});

test('remove-tree removes more than a path name can hold, and follows no link', async () => {
  using sandbox = openSandbox();
  const kept = join(sandbox.path, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), 'x');
  const deep = Array.from({ length: 1900 }, () => 'd').join('/');
  await unpack(sandbox, [
    { name: 'deep', pax: { path: `${deep}/file` }, content: 'x' },
    { name: 'link', type: '2', link: kept },
  ]);
  await runHelper({ op: 'remove-tree', path: sandbox.target }, { helper });
  assert.not.ok(existsSync(sandbox.target));
  assert.equal(names(kept), ['file']);
  await runHelper({ op: 'remove-tree', path: sandbox.target }, { helper });
});

test('read-files stays inside and reads regular files only', async () => {
  using sandbox = openSandbox();
  await unpack(sandbox, [
    { name: 'etc/passwd', type: '2', link: '/../../../usr/passwd' },
    { name: 'usr/passwd', content: 'inside' },
    { name: 'etc/group', type: '6' },
    { name: 'etc/out', type: '2', link: '/proc/self/environ' },
    { name: 'etc/null', type: '3', device: [1, 3] },
  ]);
  const paths = ['etc/passwd', 'etc/group', 'etc/out', 'etc/null', 'etc', 'none'];
  const { files } = await runHelper({ op: 'read-files', lower: [sandbox.target], paths }, { helper });
  assert.equal(files, ['inside', null, null, null, null, null]);
});

test('a request that it does not understand is refused', async () => {
  const error = await refusal(runHelper({ op: 'nonsense' } as never, { helper }));
  assert.is(error.reason, 'request');
});

test.run();

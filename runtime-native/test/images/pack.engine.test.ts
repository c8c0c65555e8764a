// timeout: 240s
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperError, type HelperRequest, runHelper } from '#runtime/images/helper-client.ts';
import { type OverlaySandbox, openOverlaySandbox, treeDigest } from './overlay-sandbox.ts';
import { listTar } from './tar-reader.ts';
import type { TarEntry } from './tar-writer.ts';
import { helper } from './test-store.ts';

const base: readonly TarEntry[] = [
  { name: 'etc/', type: '5' },
  { name: 'etc/kept', content: 'kept' },
  { name: 'etc/gone', content: 'gone' },
  { name: 'etc/link', type: '2', link: 'kept' },
  { name: 'emptied/', type: '5' },
  { name: 'emptied/old', content: 'old' },
  { name: 'tree/', type: '5' },
  { name: 'tree/deep/', type: '5' },
  { name: 'tree/deep/leaf', content: 'leaf' },
  { name: 'kind', content: 'a file that becomes a directory' },
  { name: 'capable', content: 'x', mode: 0o755, pax: { 'SCHILY.xattr.user.colour': 'red' } },
  { name: 'a', content: 'linked' },
  { name: 'b', type: '1', link: 'a' },
];

let packs = 0;

type Packed = Readonly<Record<string, unknown>> & { readonly archive: Buffer };

async function pack(
  sandbox: OverlaySandbox,
  more: {
    readonly [K in keyof Extract<HelperRequest, { op: 'pack' }>]?: Extract<HelperRequest, { op: 'pack' }>[K] | undefined;
  } = {},
): Promise<Packed> {
  const target = join(sandbox.path, `packed-${++packs}.tar`);
  const request = { op: 'pack', upper: sandbox.upper, lower: [sandbox.lower], target, ...more };
  const answer = await runHelper(request as HelperRequest, { helper });
  return { ...answer, archive: readFileSync(target) };
}

const namesIn = (archive: Buffer): readonly string[] => listTar(archive).map((one) => one.name);

test('a directory in which nothing was changed gives an empty layer', async () => {
  using sandbox = await openOverlaySandbox(base);
  sandbox.change(`
    touch etc/new; rm etc/new; chmod 755 etc; chmod 644 etc/kept; cp -a tree/deep/leaf other; mv other tree/deep/leaf
    : >>etc/gone; mkdir tree/x; rmdir tree/x`);
  const { archive, entries } = await pack(sandbox);
  assert.equal(namesIn(archive), []);
  assert.is(entries, 0);
  assert.is(archive.length, 1024);
});

test('removed, emptied and replaced things become marks of the image specification', async () => {
  using sandbox = await openOverlaySandbox(base);
  sandbox.change(`
    rm etc/gone; rm -r tree; rm emptied/old; rm kind; mkdir kind; touch kind/file
    rm -r emptied; mkdir emptied; touch emptied/new; mkdir fresh; touch fresh/file; touch fresh/gone; rm fresh/gone`);
  const { archive } = await pack(sandbox);
  assert.equal(namesIn(archive), [
    'emptied/',
    'emptied/.wh..wh..opq',
    'emptied/new',
    'etc/',
    'etc/.wh.gone',
    'fresh/',
    'fresh/file',
    'kind/',
    'kind/file',
    '.wh.tree',
  ]);
});

test('the layer on top of its base shows what the overlay showed', async () => {
  using sandbox = await openOverlaySandbox(base);
  const long = 'n'.repeat(200);
  const shown = sandbox.change(`
    rm etc/gone; rm -r emptied; mkdir emptied; echo new >emptied/new; rm -r tree; ln -sfn nowhere etc/link
    mkdir -p made/${long}/${long}; echo long >made/${long}/${long}/${long}; ln -s /${long}/${long} made/longlink
    echo one >made/one; ln made/one made/two; ln made/two two; chown 4000000000:3999999999 made/one; chmod 4755 made/one
    mkfifo -m 600 fifo; mknod null c 1 3; mknod loop b 7 1
    truncate -s 4M small; printf middle | dd of=small bs=1 seek=1234567 conv=notrunc status=none
    { head -c 70000 /dev/zero; echo end; } >dense
    touch -d '1969-12-31 23:59:58.25' before; touch -d '2500-01-01' after; touch -d '2030-05-05 01:02:03.123456789' fraction
    chmod 1777 made; touch -d '2001-01-01' made/longlink -h; touch 'ünïcode' "$(printf 'line\\nfeed')"
    ${treeDigest}`);
  const { archive, digest } = await pack(sandbox);
  const layer = await sandbox.unpack('layer', archive);
  assert.ok(statSync(join(layer, 'small')).blocks < 512, 'zeros become holes again');
  const again = sandbox.change(treeDigest, { lower: [layer, sandbox.lower], upper: join(sandbox.path, 'merged') });
  assert.is(again, shown);
  assert.is((await pack(sandbox))['digest'], digest, 'the same bytes every time');
});

test('a file with huge holes takes little space in the archive and when it is unpacked', async () => {
  using sandbox = await openOverlaySandbox([]);
  sandbox.change(`truncate -s 3G middle; printf found | dd of=middle bs=1 seek=1500000000 conv=notrunc status=none
    truncate -s 2G empty; { printf start; head -c 100000 /dev/zero; } >start; truncate -s 1500M start`);
  const { archive } = await pack(sandbox);
  assert.ok(archive.length < 1_000_000);
  const layer = await sandbox.unpack('layer', archive);
  const sizes = ['middle', 'empty', 'start'].map((name) => statSync(join(layer, name)));
  assert.equal(
    sizes.map((one) => [one.size, one.blocks < 2048]),
    [
      [3 * 2 ** 30, true],
      [2 * 2 ** 30, true],
      [1500 * 2 ** 20, true],
    ],
  );
  const file = openSync(join(layer, 'middle'), 'r');
  const found = Buffer.alloc(7);
  readSync(file, found, 0, 7, 1_499_999_999);
  closeSync(file);
  assert.is(found.toString(), '\0found\0');
});

test('extended attributes travel, overlayfs’s own do not', async () => {
  using sandbox = await openOverlaySandbox([]);
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
  const upper = await sandbox.unpack('source', [
    { name: 'd/', type: '5', pax: { 'SCHILY.xattr.user.where': 'directory' } },
    { name: 'd/f', content: 'x', pax: { 'SCHILY.xattr.user.b': '2', 'SCHILY.xattr.user.a': '1' } },
    { name: 'ping', content: 'x', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability } },
  ]);
  const { archive } = await pack(sandbox, { upper });
  const attributes = listTar(archive).map(({ name, pax }) => [name, Object.keys(pax).filter((key) => key.startsWith('SCHILY'))]);
  assert.equal(attributes, [
    ['d/', ['SCHILY.xattr.user.where']],
    ['d/f', ['SCHILY.xattr.user.a', 'SCHILY.xattr.user.b']],
    ['ping', ['SCHILY.xattr.security.capability']],
  ]);
});

test('no time is later than the clamp; equal contents give equal layers', async () => {
  using one = await openOverlaySandbox(base);
  using other = await openOverlaySandbox(base);
  const script = 'mkdir d; echo a >d/a; echo b >d/b; touch -d @5 d/old; rm etc/gone';
  for (const sandbox of [one, other]) sandbox.change(script);
  const [a, b] = [await pack(one, { clampTime: 1_000_000 }), await pack(other, { clampTime: 1_000_000 })];
  assert.is(a['digest'], b['digest']);
  assert.equal(
    listTar(a.archive).map(({ name, mtime }) => [name, mtime]),
    [
      ['d/', 1_000_000],
      ['d/a', 1_000_000],
      ['d/b', 1_000_000],
      ['d/old', 5],
      ['etc/', 1_000_000],
      ['etc/.wh.gone', 0],
    ],
  );
});

test('what was made only to mount on is no part of the layer', async () => {
  using sandbox = await openOverlaySandbox(base);
  sandbox.change('mkdir -p run/secrets proc; touch run/secrets/token etc/hosts; mkdir data; echo mine >data/file');
  const mountPoints = ['run', 'run/secrets', 'run/secrets/token', 'etc', 'etc/hosts', 'proc', 'data'];
  const { archive } = await pack(sandbox, { mountPoints });
  assert.equal(namesIn(archive), ['data/', 'data/file']);
});

for (const compression of ['gzip', 'zstd'] as const) {
  test(`compressed with ${compression} it has the same content`, async () => {
    using sandbox = await openOverlaySandbox(base);
    sandbox.change('seq 200000 >numbers; head -c 3000000 /dev/urandom >random');
    const plain = await pack(sandbox);
    const packed = await pack(sandbox, { compression });
    assert.is(packed['diffId'], plain['digest']);
    assert.is(packed['sizeBytes'], packed.archive.length);
    const source = join(sandbox.path, 'compressed');
    writeFileSync(source, packed.archive);
    const read = await runHelper({ op: 'unpack', source, target: join(sandbox.path, 'again') }, { helper });
    assert.equal([read['digest'], read['diffId'], read['compression']], [packed['digest'], plain['digest'], compression]);
  });
}

test('without an upper directory the merged tree is the archive', async () => {
  using sandbox = await openOverlaySandbox(base);
  sandbox.change('rm etc/gone; echo new >new; rm -r tree');
  const { archive } = await pack(sandbox, { upper: undefined, lower: [sandbox.upper, sandbox.lower] });
  assert.equal(namesIn(archive), [
    './',
    'a',
    'b',
    'capable',
    'emptied/',
    'emptied/old',
    'etc/',
    'etc/kept',
    'etc/link',
    'kind',
    'new',
  ]);
  assert.is(listTar(archive).find((one) => one.name === 'b')?.link, 'a');
});

test('a name that means a removal cannot become part of a layer', async () => {
  using sandbox = await openOverlaySandbox(base);
  sandbox.change('touch etc/.wh.kept');
  const error = await pack(sandbox).catch((reason: unknown) => reason);
  assert.instance(error, HelperError);
  assert.match((error as HelperError).message, /"etc\/\.wh\.kept"/);
});

test.run();

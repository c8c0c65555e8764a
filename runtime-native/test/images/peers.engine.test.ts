// timeout: 120s
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageSummary } from '#core/engine/specs.ts';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { openOverlaySandbox, treeDigest } from './overlay-sandbox.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';
import { openTestStore, type TestStore } from './test-store.ts';

for (const program of ['skopeo', 'umoci']) if (findProgram(program) === undefined) skipFile(`needs ${program}`);

const base: readonly TarEntry[] = [
  { name: 'etc/', type: '5', mode: 0o755 },
  { name: 'etc/gone', content: 'gone' },
  { name: 'etc/kept', content: 'kept', uid: 12, gid: 34, mode: 0o640 },
  { name: 'old/', type: '5' },
  { name: 'old/file', content: 'x' },
  { name: 'ping', content: '#!', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability() } },
];

/** `cap_net_raw=ep`, as the kernel stores it. */
function capability(): string {
  return Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
}

function run(argv: readonly [string, ...string[]], cwd = '/tmp'): string {
  const [program, ...rest] = argv;
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', cwd, timeout: 60_000 });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

const skopeo = (...argv: readonly string[]) => run(['skopeo', '--insecure-policy', ...argv]);

/** An image of two layers with everything that a layer can hold, and the digest of its merged tree. */
async function richImage(fixture: TestStore): Promise<{ readonly image: ImageSummary; readonly tree: string }> {
  const source = join(fixture.root, 'base.tar');
  writeFileSync(source, gzipSync(writeTar(base)));
  const below = await fixture.store.import({ source, changes: ['CMD ["sh"]', 'ENV A=b', 'LABEL l=m'], reference: 'rich:base' });
  using sandbox = await openOverlaySandbox([]);
  sandbox.change(
    `rm etc/gone; rm -r old; mkdir old; echo new >old/new; mkdir -p d/e; echo one >d/one; ln d/one d/two; ln -s ../etc d/link
     chown 1000:1001 d; chmod 2775 d; mkfifo fifo; mknod null c 1 3; touch -d '2011-12-13 14:15:16.123456789' d/one
     echo long >"$(printf 'n%.0s' $(seq 150))"; mkdir "$(printf 'p%.0s' $(seq 90))"; echo x >"$(printf 'p%.0s' $(seq 90))/$(printf 'q%.0s' $(seq 90))"
     truncate -s 5M holes; echo end >>holes; chmod 4711 etc/kept`,
    { lower: fixture.store.lowerDirectories(below.id) },
  );
  const image = await fixture.store.commit({
    source: 'rich',
    base: below.id,
    upper: sandbox.upper,
    mountPoints: [],
    config: below.config,
    changes: [],
    reference: 'rich:1',
    still: (body) => body(),
  });
  return { image, tree: treeOf(fixture, image.id) };
}

/** Digest of what an image of the store shows. */
function treeOf(fixture: TestStore, id: string): string {
  const merged = mkdtempSync(join(fixture.root, 'merged-'));
  const lower = [...fixture.store.lowerDirectories(id), merged].join(':');
  return run([
    'unshare',
    '-m',
    'sh',
    '-euc',
    `mount -t overlay overlay -o 'lowerdir=${lower}' '${merged}'; cd '${merged}'; ${treeDigest}`,
  ]);
}

async function save(fixture: TestStore, format: 'docker' | 'oci', references: readonly string[]): Promise<string> {
  const path = join(fixture.root, `${format}.tar`);
  rmSync(path, { force: true });
  const output = createWriteStream(path);
  await fixture.store.save({ references, format, output });
  output.end();
  await finished(output);
  return path;
}

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

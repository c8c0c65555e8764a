import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { ImageSummary } from '#core/engine/specs.ts';
import { openOverlaySandbox, treeDigest } from './overlay-sandbox.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';
import type { TestStore } from './test-store.ts';

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

/** Runs a program to its end and returns its output; throws with what it said when it fails. */
export function run(argv: readonly [string, ...string[]], cwd = '/tmp', env = process.env): string {
  const [program, ...rest] = argv;
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', cwd, env, timeout: 120_000 });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** An image of two layers with everything that a layer can hold, and the digest of its merged tree. */
export async function richImage(fixture: TestStore): Promise<{ readonly image: ImageSummary; readonly tree: string }> {
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
export function treeOf(fixture: TestStore, id: string): string {
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

/** Writes an archive of images of the store; returns its path. */
export async function save(fixture: TestStore, format: 'docker' | 'oci', references: readonly string[]): Promise<string> {
  const path = join(fixture.root, `${format}.tar`);
  rmSync(path, { force: true });
  const output = createWriteStream(path);
  await fixture.store.save({ references, format, output });
  output.end();
  await finished(output);
  return path;
}

/**
 * Pull with unpacking, and push, of an image of about 150 MB in three gzip layers (programs and libraries of this machine) from and to a
 * registry on loopback, beside podman and skopeo where they are installed: `bin/node bench/images.ts [runs]` prints medians and
 * the peak of memory. Needs root, docker-registry and skopeo. skopeo copies without unpacking: a floor.
 * The benchmarks' dockerd has a network of its own, from which it cannot reach loopback: it is left out.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startDockerRegistry } from '#runtime/test/registry/docker-registry.ts';
import { freshBundle } from './lib/bundle.ts';
import { answer } from './lib/docker-daemon.ts';
import { median } from './lib/median.ts';
import { type MeasuredRun, measured } from './lib/peak-memory.ts';
import { type BenchRow, benchTable } from './lib/table.ts';
import { timed } from './lib/timed.ts';

const root = join(import.meta.dirname, '..');
/** So much of the machine's libraries goes into each layer. */
const layerBytes = 50_000_000;
const layerCount = 3;

interface Side {
  readonly name: string;
  /** Into a fresh place: what was removed before makes the next run slower. */
  pull(reference: string, run: number): Promise<MeasuredRun>;
  /** Of what `pull` brought. */
  push?(target: string, run: number): Promise<MeasuredRun>;
}

/** Prints the table. */
export async function benchImages(runs: number): Promise<void> {
  const directory = mkdtempSync('/tmp/tscb-');
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  resources.use(await freshBundle(root));
  const registry = resources.use(await startDockerRegistry({ directory: join(directory, 'registry') }));
  const host = `127.0.0.1:${registry.port}`;
  const layout = await makeLayout(join(directory, 'layout'));
  const reference = `${host}/bench/image:1`;
  const skopeo = [
    'skopeo',
    '--insecure-policy',
    'copy',
    '--dest-tls-verify=false',
    `oci:${layout.path}:1`,
    `docker://${reference}`,
  ];
  await timed({ argv: skopeo, cwd: directory, env: process.env });
  const sides = await openSides(directory);
  const samples = new Map(sides.map(({ name }) => [name, { pull: [] as MeasuredRun[], push: [] as MeasuredRun[] }]));
  // The first run fills caches and is not counted.
  for (let run = 0; run <= runs; run++) {
    for (const side of sides) {
      const pull = await side.pull(reference, run);
      const target = `${host}/push-${side.name.replaceAll(/\W+/g, '')}-${run}/image:1`;
      const push = await side.push?.(target, run);
      if (run === 0) continue;
      samples.get(side.name)?.pull.push(pull);
      if (push !== undefined) samples.get(side.name)?.push.push(push);
    }
  }
  const of = (side: string, call: 'pull' | 'push') => samples.get(side)?.[call] ?? [];
  const rows = (['pull', 'push'] as const).flatMap((call): BenchRow[] => [
    { what: call, unit: 'ms', values: valuesOf((side) => of(side, call).map((one) => one.ms)) },
    { what: `${call}, peak of memory`, unit: 'MB', values: valuesOf((side) => of(side, call).map((one) => one.peakMegabytes)) },
  ]);
  const columns = sides.map(({ name }) => name);
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  process.stdout.write(
    `${benchTable(columns, rows)}\n${megabytes(layout.unpackedBytes)} in ${layerCount} layers, ${megabytes(layout.packedBytes)} packed; medians of ${runs} runs.\n`,
  );

  function valuesOf(figures: (side: string) => readonly number[]): BenchRow['values'] {
    return Object.fromEntries(sides.map(({ name }) => [name, median(figures(name))]));
  }
}

async function openSides(directory: string): Promise<readonly Side[]> {
  const sides: Side[] = [tscompose(directory)];
  if ((await answer(['podman', '--version'])) !== undefined) sides.push(podman(directory));
  if ((await answer(['skopeo', '--version'])) !== undefined) sides.push(skopeoCopy(directory));
  return sides;
}

function tscompose(directory: string): Side {
  const run = (count: number, ...argv: readonly string[]) =>
    measured({
      argv: [join(root, 'bin/tscompose'), 'image', ...argv],
      cwd: directory,
      env: { ...process.env, TSCOMPOSE_ROOT: join(directory, `tscompose-${count}`) },
    });
  let pulled = '';
  return {
    name: 'tscompose',
    pull(reference, count) {
      pulled = reference;
      return run(count, 'pull', '-q', reference);
    },
    async push(target, count) {
      await run(count, 'tag', pulled, target);
      // Without this name the layers would be mounted instead of being sent.
      await run(count, 'rm', pulled);
      return run(count, 'push', '-q', target);
    },
  };
}

function podman(directory: string): Side {
  return {
    name: 'podman',
    pull: (reference, count) =>
      measured({
        argv: ['podman', '--root', join(directory, `podman-${count}`), 'pull', '-q', '--tls-verify=false', reference],
        cwd: directory,
        env: process.env,
      }),
  };
}

function skopeoCopy(directory: string): Side {
  const copy = (...argv: readonly string[]) =>
    measured({ argv: ['skopeo', '--insecure-policy', 'copy', ...argv], cwd: directory, env: process.env });
  return {
    name: 'skopeo (copy)',
    pull: (reference, run) => copy('--src-tls-verify=false', `docker://${reference}`, `dir:${directory}/skopeo-${run}`),
    push: (target, run) => copy('--dest-tls-verify=false', `dir:${directory}/skopeo-${run}`, `docker://${target}`),
  };
}

/** An OCI layout whose layers are parts of /usr. */
async function makeLayout(path: string): Promise<{ path: string; packedBytes: number; unpackedBytes: number }> {
  const blobs = join(path, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const store = (mediaType: string, data: Buffer) => {
    const hex = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(blobs, hex), data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  let unpackedBytes = 0;
  const diffIds: string[] = [];
  const layers: ReturnType<typeof store>[] = [];
  for (let layer = 0; layer < layerCount; layer++) {
    const archive = join(path, 'layer.tar.gz');
    // Every third file, until the layer is full.
    const list = `find /usr/bin /usr/lib -xdev -type f -size -4M -printf '%s %p\\n' 2>/dev/null | sort -k2 | awk 'NR % ${layerCount} == ${layer} && (sum += $1) < ${layerBytes} { print $2 }'`;
    const command = `${list} | tar --no-recursion -czf ${archive} -T - 2>/dev/null`;
    await timed({ argv: ['sh', '-c', command], cwd: path, env: { ...process.env, GZIP: '-6' } });
    const packed = readFileSync(archive);
    const plain = gunzipSync(packed);
    unpackedBytes += plain.length;
    diffIds.push(`sha256:${createHash('sha256').update(plain).digest('hex')}`);
    layers.push(store('application/vnd.oci.image.layer.v1.tar+gzip', packed));
    rmSync(archive);
  }
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const image = { os: 'linux', architecture, config: {}, rootfs: { type: 'layers', diff_ids: diffIds } };
  const config = store('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(image)));
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = store(type, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers })));
  const annotations = { 'org.opencontainers.image.ref.name': '1' };
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion": "1.0.0"}');
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }));
  return { path, unpackedBytes, packedBytes: layers.reduce((sum, { size }) => sum + size, 0) };
}

if (import.meta.main) await benchImages(Number(process.argv[2] ?? 3));

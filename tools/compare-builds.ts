import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ImageSummary } from '#core/engine/specs.ts';
import { openDatabase } from '#runtime/host/database.ts';
import { statePaths } from '#runtime/host/paths.ts';
import { runHelper, type TreeRoot } from '#runtime/images/helper-client.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { type BuildFixture, buildFixture } from '#runtime/test/builder/build-fixture.ts';
import { type DockerfileCase, dockerfileCases } from '#runtime/test/builder/dockerfile-cases.ts';
import { helper } from '#runtime/test/images/test-store.ts';
import { startDocker } from '../bench/lib/docker-daemon.ts';
import { runCommand } from './process/run-command.ts';

/**
 * Builds the Dockerfiles of the tests here and with `docker build`, and compares the file trees (kind, owner, mode, content) and
 * configurations. Needs dockerd, which it starts with its own state. Prints each difference; the status is 1 when there are any.
 */
export async function compareBuilds(options: { readonly only?: string; readonly log: (text: string) => void }): Promise<number> {
  const directory = mkdtempSync('/tmp/tsc-compare-');
  let differing = 0;
  try {
    await using fixture = await buildFixture();
    await using daemon = await startDocker(join(directory, 'd'));
    const peer: Peer = { env: daemon.env, directory };
    await importBase(fixture, peer);
    for (const one of dockerfileCases) {
      if (options.only !== undefined && !one.name.includes(options.only)) continue;
      if (one.needs !== undefined || one.fails !== undefined) {
        options.log(`left out   ${one.name}: ${one.needs ?? 'it fails'}`);
        continue;
      }
      const differences = await compareCase(fixture, peer, one);
      options.log(`${differences.length === 0 ? 'the same  ' : 'DIFFERENT '} ${one.name}`);
      for (const line of differences) options.log(`             ${line}`);
      if (differences.length > 0) differing++;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return differing === 0 ? 0 : 1;
}

interface Peer {
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
}

const baseReference = 'tscompose/busybox:1';

async function docker(peer: Peer, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout } = await runCommand({ argv: ['docker', ...argv], env: peer.env, timeoutMs: 300_000 });
  if (exitCode !== 0) throw new Error(`docker ${argv.join(' ')}: ${stdout}`);
  return stdout.trim();
}

/** The same files under the same name. */
async function importBase(fixture: BuildFixture, peer: Peer): Promise<void> {
  const image = await fixture.base.engine.inspectImage(baseReference);
  if (image === undefined) throw new Error(`there is no ${baseReference}`);
  const archive = join(peer.directory, 'base.tar');
  await runHelper({ op: 'pack', lower: lowerDirectories(fixture, image), target: archive, compression: 'none' }, { helper });
  const env = (image.config.Env ?? []).flatMap((line) => ['--change', `ENV ${line}`]);
  await docker(peer, 'import', ...env, '--change', 'CMD ["sh"]', archive, baseReference);
}

function lowerDirectories(fixture: BuildFixture, image: ImageSummary): readonly string[] {
  const paths = statePaths({ TSCOMPOSE_ROOT: fixture.base.root });
  using database = openDatabase(paths.database);
  return openImageStore({ database, paths, helper, env: {} }).lowerDirectories(image.id);
}

async function compareCase(fixture: BuildFixture, peer: Peer, one: DockerfileCase): Promise<readonly string[]> {
  const context = fixture.context({ ...one.files, Dockerfile: one.dockerfile });
  const { image } = await fixture.build({ context, ...one.request });
  const args = Object.entries(one.request?.args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const target = one.request?.target === undefined ? [] : ['--target', one.request.target];
  const id = (await docker(peer, 'build', '-q', '--network', 'none', ...args, ...target, context)).split('\n').at(-1) ?? '';
  const container = await docker(peer, 'create', id, 'none');
  const root = join(peer.directory, 'tree');
  mkdirSync(root);
  await docker(peer, 'export', '-o', join(peer.directory, 'tree.tar'), container);
  await runHelper(
    { op: 'add-archive', source: { root: peer.directory }, from: 'tree.tar', target: { root }, to: '' },
    { helper },
  );
  const ours = await listing({ lower: lowerDirectories(fixture, image) });
  const theirs = await listing({ root });
  rmSync(root, { recursive: true, force: true });
  const config = JSON.parse(await docker(peer, 'image', 'inspect', '-f', '{{json .Config}}', id)) as Readonly<
    Record<string, unknown>
  >;
  writeFileSync(join(peer.directory, 'config.json'), JSON.stringify(config));
  return [...compareMaps(ours, theirs), ...compareConfigs(image.config as Readonly<Record<string, unknown>>, config)];
}

/** What a container's runtime puts into an exported tree. */
const ofTheRuntime = /^(?:\.dockerenv|dev(?:\/.*)?|proc|sys|etc\/(?:hosts|hostname|resolv\.conf|mtab))$/;

async function listing(root: TreeRoot): Promise<ReadonlyMap<string, string>> {
  const answer = await runHelper({ op: 'scan', ...root, paths: [''], recursive: true, digests: true }, { helper });
  const lines = answer['entries'] as readonly (readonly [string, string, number, number, number, number, number, string])[];
  return new Map(
    lines
      .filter(([path]) => path !== '' && !ofTheRuntime.test(path))
      .map(([path, type, mode, uid, gid, , , content]) => [
        path,
        `${type} ${mode.toString(8)} ${uid}:${gid} ${content.slice(0, 20)}`,
      ]),
  );
}

function compareMaps(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])].sort().flatMap((path) => {
    const [here, there] = [ours.get(path), theirs.get(path)];
    // A runtime mounts files below it.
    if (path === 'etc' && here === undefined && there === 'd 755 0:0 ') return [];
    return here === there ? [] : [`/${path}: here ${here ?? 'absent'}, there ${there ?? 'absent'}`];
  });
}

function compareConfigs(ours: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = [
    'Env',
    'Cmd',
    'Entrypoint',
    'WorkingDir',
    'User',
    'ExposedPorts',
    'Volumes',
    'StopSignal',
    'Healthcheck',
    'Shell',
    'OnBuild',
  ];
  return keys.flatMap((key) => {
    const [here, there] = [shown(ours[key]), shown(theirs[key])];
    return here === there || (key === 'WorkingDir' && here === '"/"' && there === 'nothing')
      ? []
      : [`${key}: here ${here}, there ${there}`];
  });
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return 'nothing';
  const sorted = typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
  return JSON.stringify(sorted);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  process.exitCode = await compareBuilds({
    log: (text) => console.log(text),
    ...(values.only === undefined ? {} : { only: values.only }),
  });
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '#runtime/host/database.ts';
import { statePaths } from '#runtime/host/paths.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { type BuildFixture, buildFixture } from '#runtime/test/builder/build-fixture.ts';
import { type DockerfileCase, dockerfileCases } from '#runtime/test/builder/dockerfile-cases.ts';
import { helper } from '#runtime/test/images/test-store.ts';
import { startDocker } from '../bench/lib/docker-daemon.ts';
import { compareConfigs } from './compare-builds/compare-configs.ts';
import { compareTrees, fileTree } from './compare-builds/file-tree.ts';
import { type Peer, type PeerBuilder, peerBuild, peerImport } from './compare-builds/peer.ts';

/** How one Dockerfile compares with one of Docker's builders. */
export interface Comparison {
  readonly name: string;
  readonly builder: PeerBuilder;
  readonly verdict: 'same' | 'different' | 'not comparable';
  /** Differences, or why there is nothing to compare. */
  readonly lines: readonly string[];
}

/**
 * Builds the Dockerfiles of the tests here and with both builders of Docker, the classic one and BuildKit, and compares file trees (kind,
 * owner, mode, content, attributes, hard links, and the times that Docker keeps), configurations and, with BuildKit, histories.
 * Needs dockerd, which it starts with its own state.
 */
export async function compareBuilds(options: {
  /** Parts of names; absent: all. */
  readonly only?: readonly string[];
  readonly report: (one: Comparison) => void;
}): Promise<readonly Comparison[]> {
  const directory = mkdtempSync('/tmp/tsc-compare-');
  const all: Comparison[] = [];
  try {
    await using fixture = await buildFixture();
    await using daemon = await startDocker(join(directory, 'd'));
    const peer: Peer = { env: daemon.env, directory, data: join(directory, 'd/data'), beganMs: Date.now() - 2000 };
    await importBase(fixture, peer);
    for (const one of dockerfileCases) {
      if (one.fails !== undefined || options.only?.some((part) => one.name.includes(part)) === false) continue;
      const context = fixture.context({ ...one.files, Dockerfile: one.dockerfile });
      for (const builder of ['classic', 'buildkit'] as const) {
        const comparison = await compareCase({ fixture, peer, one, builder, context });
        options.report(comparison);
        all.push(comparison);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return all;
}

const baseReference = 'tscompose/busybox:1';

/** The same files under the same name. */
async function importBase(fixture: BuildFixture, peer: Peer): Promise<void> {
  const image = await fixture.base.engine.inspectImage(baseReference);
  if (image === undefined) throw new Error(`there is no ${baseReference}`);
  const env = (image.config.Env ?? []).map((line) => `ENV ${line}`);
  await peerImport(peer, {
    lower: lowerDirectories(fixture, image.id),
    changes: [...env, 'CMD ["sh"]'],
    reference: baseReference,
  });
}

function lowerDirectories(fixture: BuildFixture, id: string): readonly string[] {
  const paths = statePaths({ TSCOMPOSE_ROOT: fixture.base.root });
  using database = openDatabase(paths.database);
  return openImageStore({ database, paths, helper, env: {} }).lowerDirectories(id);
}

async function compareCase(request: {
  readonly fixture: BuildFixture;
  readonly peer: Peer;
  readonly one: DockerfileCase;
  readonly builder: PeerBuilder;
  readonly context: string;
}): Promise<Comparison> {
  const { fixture, peer, one, builder, context } = request;
  const verdict = (kind: Comparison['verdict'], lines: readonly string[]): Comparison => ({
    name: one.name,
    builder,
    verdict: kind,
    lines,
  });
  const needs = builder === 'classic' ? one.needs : one.needsNewer;
  if (needs !== undefined) return verdict('not comparable', [needs]);
  const built = await fixture.build({ context, ...one.request });
  const theirs = await peerBuild(peer, { builder, context, request: one.request ?? {} });
  if (typeof theirs === 'string') return verdict('different', [theirs]);
  const scratch = join(peer.directory, 'trees');
  mkdirSync(scratch);
  try {
    const trees = {
      here: await fileTree({ lower: lowerDirectories(fixture, built.image.id), scratch }),
      there: await fileTree({ lower: theirs.lower, scratch }),
    };
    const ours = { config: built.image.config, history: fixture.history(built.image) };
    const lines = [...compareTrees(trees, peer.beganMs), ...compareConfigs(ours, theirs, builder === 'buildkit')];
    return verdict(lines.length === 0 ? 'same' : 'different', lines);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const all = await compareBuilds({
    report: ({ name, builder, verdict, lines }) => {
      console.log(`${builder.padEnd(8)} ${verdict.padEnd(14)} ${name}`);
      for (const line of lines) console.log(`           ${line}`);
    },
    ...(values.only === undefined ? {} : { only: [values.only] }),
  });
  for (const builder of ['classic', 'buildkit'] as const) {
    const counted = Map.groupBy(
      all.filter((one) => one.builder === builder),
      (one) => one.verdict,
    );
    console.log(`${builder}: ${[...counted].map(([verdict, list]) => `${list.length} ${verdict}`).join(', ')}`);
  }
  process.exitCode = all.some((one) => one.verdict === 'different') ? 1 : 0;
}

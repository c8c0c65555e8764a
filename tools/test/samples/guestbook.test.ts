import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadProject } from '#core/load/load-project.ts';
import { renderYaml } from '#core/load/render/render-project.ts';
import type { Project } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import { planText } from '#core/plan/text.ts';
import { planUp } from '#core/plan/up.ts';

const sample = join(import.meta.dirname, '../../../samples/guestbook');
const expected = (name: string): string => readFileSync(join(sample, 'expected', name), 'utf8');

async function load(env: Readonly<Record<string, string>> = {}): Promise<Project> {
  const { project } = await loadProject({ cwd: sample, env, files: [], envFiles: [], profiles: [], services: [] });
  return project;
}

test('loads to the expected configuration', async () => {
  assert.fixture(renderYaml(await load()).replaceAll(sample, '/samples/guestbook'), expected('config.yaml'));
});

test('the environment moves the port and names public images', async () => {
  const { proxy, db } = (await load({ GUESTBOOK_PORT: '9999', POSTGRES_IMAGE: 'postgres:15' })).services;
  assert.is(proxy?.ports?.[0]?.published, '9999');
  assert.is(db?.image, 'postgres:15');
});

test('on an empty machine up makes networks, volume and three containers, each after what it needs', async () => {
  const { plan } = planUp(await load(), emptyMachine(), {
    services: [],
    recreate: 'diverged',
    recreateDependencies: 'diverged',
    withoutDependencies: false,
    withoutStart: false,
    removeOrphans: false,
    ignoreOrphans: false,
    renewAnonymousVolumes: false,
    scale: {},
    wait: true,
    pull: 'never',
    recreateVolumes: false,
  });
  assert.fixture(planText(plan), expected('plan.txt'));
});

/** Nothing but the three images and the two files. */
function emptyMachine(): Observed {
  const image = (name: string) => ({
    id: `sha256:${name}`,
    digest: `sha256:${name}`,
    references: [name],
    createdAt: '2026-01-01T00:00:00Z',
    sizeBytes: 1,
    platform: { os: 'linux', architecture: 'amd64' },
    config: {},
    layers: [],
  });
  const images = ['tscompose/nginx:1', 'tscompose/guestbook-app:1', 'tscompose/postgres:15'];
  return {
    project: 'guestbook',
    containers: [],
    networks: [],
    volumes: [],
    images: Object.fromEntries(images.map((name) => [name, image(name)])),
    heldPorts: [],
    fileDigests: { [join(sample, 'nginx.conf')]: 'sha256:1', [join(sample, 'secrets/db-password.txt')]: 'sha256:2' },
  };
}

test.run();

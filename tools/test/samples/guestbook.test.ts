import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadProject } from '#core/load/load-project.ts';
import { renderYaml } from '#core/load/render/render-project.ts';
import type { Project } from '#core/model/project.ts';
import { planOnEmptyMachine } from './plan-on-empty-machine.ts';

const sample = join(import.meta.dirname, '../../../samples/guestbook');
const expected = (name: string): string => readFileSync(join(sample, 'expected', name), 'utf8');

async function load(env: Readonly<Record<string, string>> = {}): Promise<Project> {
  const { project } = await loadProject({ cwd: sample, env, files: [], envFiles: [], profiles: [], services: [] });
  return project;
}

test('loads to the expected configuration', async () => {
  assert.fixture(renderYaml(await load()).replaceAll(dirname(sample), '/samples'), expected('config.yaml'));
});

test('the environment moves the port and names another base for the images', async () => {
  const { proxy, db } = (await load({ GUESTBOOK_PORT: '9999', DEBIAN_IMAGE: 'debian:12-slim' })).services;
  assert.is(proxy?.ports?.[0]?.published, '9999');
  assert.is(db?.build?.args?.['DEBIAN'], 'debian:12-slim');
});

test('on an empty machine up makes networks, volume and three containers, each after what it needs', async () => {
  assert.fixture(planOnEmptyMachine(await load()), expected('plan.txt'));
});

test.run();

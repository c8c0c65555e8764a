import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: web:1
    depends_on: [db]
  db: { image: "db:1", pull_policy: missing }
  latest: { image: tool, pull_policy: missing }
  never: { image: "own:1", pull_policy: never }
  built: { image: "built:1", build: . }
  nameless: { build: . }
`;
const images = ['db:1', 'tool'];

async function app(options: Parameters<typeof memoryEngine>[0] = {}) {
  return cli(memoryEngine({ images, ...options }), compose);
}

/** What was fetched, and what was left alone with its reason. */
function outcome(stderr: string): { readonly pulled: readonly string[]; readonly skipped: readonly string[] } {
  const lines = [...stderr.matchAll(/ Image (\S+) (Pulled|Skipped)(?: (.*))?/g)];
  const pick = (word: string) => lines.filter((one) => one[2] === word);
  return {
    pulled: pick('Pulled')
      .map((one) => one[1] ?? '')
      .sort(),
    skipped: pick('Skipped')
      .map((one) => `${one[1]}: ${one[3]?.trim()}`)
      .sort(),
  };
}

test('pull fetches everything whose policy does not say otherwise', async () => {
  await using one = await app();
  const { status, stderr } = await one.run('pull');
  assert.is(status, 0, stderr);
  assert.equal(outcome(stderr), {
    pulled: ['built:1', 'tool', 'web:1'],
    skipped: ['db:1: image is already present locally', 'nameless: no image to be pulled', 'own:1: its pull_policy is "never"'],
  });
});

test('--policy wins over the file; --ignore-buildable leaves out what can be built', async () => {
  await using one = await app();
  const always = outcome((await one.run('pull', '--policy', 'always', '--ignore-buildable')).stderr);
  assert.equal(always.pulled, ['db:1', 'own:1', 'tool', 'web:1']);
  assert.ok(always.skipped.includes('built:1: image can be built'));
  await using other = await app();
  const missing = outcome((await other.run('pull', '--policy', 'missing')).stderr);
  assert.equal(missing.pulled, ['built:1', 'own:1', 'tool', 'web:1']);
});

test('services alone, unless dependencies are asked for', async () => {
  await using one = await app({ images: [] });
  assert.equal(outcome((await one.run('pull', 'web')).stderr).pulled, ['web:1']);
  assert.equal(outcome((await one.run('pull', '--include-deps', 'web')).stderr).pulled, ['db:1', 'web:1']);
});

test('a failure ends with status 1, unless the image can be built or failures are ignored', async () => {
  await using one = await app({ registry: ['tool', 'db:1'] });
  const failed = await one.run('pull');
  assert.is(failed.status, 1);
  assert.match(failed.stderr, 'cannot pull "web:1"');
  assert.not.match(failed.stderr, 'error: cannot pull "built:1"');
  const buildable = await one.run('pull', 'built');
  assert.is(buildable.status, 0);
  assert.match(buildable.stderr, 'tscompose build built');
  assert.is((await one.run('pull', '--ignore-pull-failures')).status, 0);
});

test('--quiet says nothing, --dry-run fetches nothing', async () => {
  const engine = memoryEngine({ images: [] });
  await using one = await cli(engine, compose);
  assert.equal(await one.run('pull', '--quiet', 'web'), { status: 0, stdout: '', stderr: '' });
  const dry = await one.run('--dry-run', 'pull', 'db');
  assert.is(dry.status, 0, dry.stderr);
  assert.is(await engine.inspectImage('db:1'), undefined);
  assert.is((await one.run('image', 'pull', 'db:1')).stdout, 'docker.io/library/db:1\n');
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web: { image: one }
  old: { image: one, profiles: [old] }
`;

const started = (variables: Readonly<Record<string, string>>) =>
  cli(memoryEngine({ images: ['one'] }), compose, { env: variables });

test('COMPOSE_STATUS_STDOUT brings the progress to stdout', async () => {
  await using app = await started({ COMPOSE_STATUS_STDOUT: '1' });
  const { stdout, stderr } = await app.run('up', '-d');
  assert.match(stdout, /Container app-web-1 Started/);
  assert.not.match(stderr, /Container/);
});

test('COMPOSE_COMPATIBILITY names containers with _', async () => {
  await using app = await started({ COMPOSE_COMPATIBILITY: 'true' });
  assert.match((await app.run('up', '-d')).stderr, /Container app_web_1 Started/);
});

test('COMPOSE_IGNORE_ORPHANS keeps the warning back, COMPOSE_REMOVE_ORPHANS removes them', async () => {
  for (const [name, warning, left] of [
    ['COMPOSE_NOTHING', true, true],
    ['COMPOSE_IGNORE_ORPHANS', false, true],
    ['COMPOSE_REMOVE_ORPHANS', false, false],
  ] as const) {
    const engine = memoryEngine({ images: ['one'] });
    await using app = await cli(engine, compose, { env: { [name]: '1' } });
    await app.run('--profile', 'old', 'up', '-d');
    await app.write('compose.yaml', 'name: app\nservices: { web: { image: one } }\n');
    const { stderr } = await app.run('up', '-d');
    assert.is(/orphan/i.test(stderr.replaceAll(/.*Orphan.*Remov.*/g, '')), warning, `${name}: ${stderr}`);
    assert.is(
      (await engine.listContainers()).some((one) => one.service === 'old'),
      left,
      name,
    );
  }
});

test('COMPOSE_FILE, COMPOSE_PATH_SEPARATOR, COMPOSE_PROFILES and COMPOSE_PROJECT_NAME in .env', async () => {
  await using app = await started({});
  await app.write('more.yaml', 'services: { more: { image: one } }\n');
  await app.write(
    '.env',
    'COMPOSE_FILE=compose.yaml,more.yaml\nCOMPOSE_PATH_SEPARATOR=,\nCOMPOSE_PROFILES=old\nCOMPOSE_PROJECT_NAME=named\n',
  );
  assert.equal((await app.run('config', '--services')).stdout.split('\n').sort(), ['', 'more', 'old', 'web']);
  assert.match((await app.run('config')).stdout, /^name: named$/m);
});

test('COMPOSE_PROGRESS, COMPOSE_ANSI and COMPOSE_PARALLEL_LIMIT must be values that there are', async () => {
  for (const name of ['COMPOSE_PROGRESS', 'COMPOSE_ANSI', 'COMPOSE_PARALLEL_LIMIT']) {
    await using app = await started({ [name]: 'sideways' });
    const { status, stderr } = await app.run('ps');
    assert.is(status, 1);
    assert.match(stderr, new RegExp(`${name}.*cli\\.bad-variable`));
  }
});

for (const [program, short, long] of [
  ['tscompose', /^0\.\d+\.\d+\n$/, /^tscompose version v0/],
  ['docker-compose', /^5\.\d+\.\d+\n$/, /^Docker Compose version v5\.\d+\.\d+ \(tscompose 0/],
  ['docker', /^5\.\d+\.\d+\n$/, /^Docker Compose version v5/],
] as const) {
  test(`version as ${program}`, async () => {
    await using app = await cli(memoryEngine({}), compose, { program });
    assert.match((await app.run('version', '--short')).stdout, short);
    assert.match((await app.run('version')).stdout, long);
    const json = JSON.parse((await app.run('version', '-f', 'json')).stdout) as { version: string };
    assert.is(`${json.version.slice(1)}\n`, (await app.run('version', '--short')).stdout);
  });
}

test.run();

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: nginx
    depends_on: [db]
  db:
    image: postgres
    volumes: [data:/data]
volumes:
  data: {}
`;
const images = ['nginx', 'postgres'];

test('up -d creates in order, says what it does, and does nothing the second time', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const first = await app.run('up', '-d');
  assert.is(first.status, 0, first.stderr);
  assert.is(first.stdout, '');
  const order = ['Network app_default Created', 'Container app-db-1 Started', 'Container app-web-1 Started'].map((line) =>
    first.stderr.indexOf(line),
  );
  assert.equal(
    [...order].sort((a, b) => a - b),
    order,
    first.stderr,
  );
  assert.ok(!order.includes(-1), first.stderr);

  const calls = engine.calls.length;
  const second = await app.run('up', '-d');
  assert.is(second.status, 0);
  assert.is(engine.calls.length, calls);
  assert.match(second.stderr, / Container app-web-1 Running \n/);
  assert.match(second.stderr, /Nothing to do: all 2 containers are up to date\n/);
});

test('a change of one service recreates that one and the plan names the key', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  await app.run('up', '-d');
  await app.write('compose.yaml', compose.replace('image: nginx', 'image: nginx\n    environment: {COLOUR: blue}'));
  const plan = await app.run('plan', '--exit-code');
  assert.is(plan.status, 2, plan.stderr);
  assert.match(plan.stdout, /_app-web-1 create, config-changed \(environment\.COLOUR \+ "blue"\)/);
  assert.not.match(plan.stdout, /app-db-1/);
  const up = await app.run('up', '-d');
  assert.match(up.stderr, / Container app-web-1 Recreate \n/);
  assert.match(up.stderr, / Container app-web-1 Recreated \n/);
  assert.match(up.stderr, / Container app-db-1 Running \n/);
  assert.is((await app.run('plan', '--exit-code')).status, 0);
});

test('--dry-run prints the plan and changes nothing', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  for (const argv of [
    ['up', '-d', '--dry-run'],
    ['--dry-run', 'up', '-d'],
  ]) {
    const outcome = await app.run(...argv);
    assert.is(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stdout, /-> #\d+ container app-db-1 create, absent/);
  }
  assert.is(engine.calls.length, 0);
});

test('down removes everything but volumes, with -v those too, and says when there is nothing', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  await app.run('up', '-d');
  const down = await app.run('down');
  assert.is(down.status, 0, down.stderr);
  assert.match(down.stderr, / Container app-web-1 Stopped \n/);
  assert.match(down.stderr, / Network app_default Removed \n/);
  assert.not.match(down.stderr, /Volume/);
  assert.equal(await engine.listContainers(), []);
  assert.match((await app.run('down', '-v')).stderr, / Volume app_data Removed \n/);
  const again = await app.run('down', '-v');
  assert.is(again.status, 0);
  assert.match(again.stderr, /No resource found to remove for project "app"/);
});

test('down works by name, without a file', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  await app.run('up', '-d');
  await app.write('compose.yaml', 'services: [broken');
  assert.is((await app.run('-p', 'app', 'down')).status, 0);
  assert.equal(await engine.listContainers(), []);
});

test('stop, start, restart, pause, unpause, kill and rm change states', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  await app.run('up', '-d');
  const states = async () => (await engine.listContainers()).map((one) => `${one.service} ${one.state}`).join(', ');
  await app.run('stop', 'web');
  assert.is(await states(), 'db running, web exited');
  await app.run('start');
  assert.is(await states(), 'db running, web running');
  assert.match((await app.run('restart', 'db')).stderr, / Container app-db-1 Restarting \n.* Container app-db-1 Started /s);
  await app.run('pause', 'web');
  assert.is(await states(), 'db running, web paused');
  await app.run('unpause');
  assert.is(await states(), 'db running, web running');
  await app.run('kill', '-s', 'kill', 'web');
  assert.is(await states(), 'db running, web exited');
  const rm = await app.run('rm', '-f');
  assert.is(rm.stdout, 'Going to remove app-web-1\n');
  assert.is(await states(), 'db running');
  assert.is((await app.run('rm', '-sf')).status, 0);
  assert.is(await states(), '');
});

test('rm asks, and a no removes nothing', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose, { stdin: 'n\n' });
  await app.run('create');
  const rm = await app.run('rm');
  assert.match(rm.stdout, /Are you sure\? \[y\/N\]/);
  assert.is((await engine.listContainers()).length, 2);
});

test('scale and --scale set the number of replicas', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  await app.run('up', '-d', '--scale', 'web=2');
  assert.is((await engine.listContainers()).length, 3);
  const scale = await app.run('scale', 'web=1');
  assert.is(scale.status, 0, scale.stderr);
  assert.is((await engine.listContainers()).length, 2);
  assert.match((await app.run('scale', 'web')).stderr, /cli\.bad-flag-value/);
});

test('a failure is told with its code and status 1, and what depends on it is not started', async () => {
  const engine = memoryEngine({
    images,
    behaviour: (spec) => (spec.serviceName === 'db' ? { startError: 'no such program' } : {}),
  });
  await using app = await cli(engine, compose);
  const up = await app.run('up', '-d');
  assert.is(up.status, 1);
  assert.match(up.stderr, / Container app-db-1 Error .*no such program/);
  assert.match(up.stderr, /error: cannot start container "app-db-1": no such program \[engine\.start-failed\]/);
  assert.not.match(up.stderr, /app-web-1 Started/);
});

test('mistakes of the file are told before the engine is asked', async () => {
  const engine = memoryEngine();
  await using app = await cli(engine, 'services:\n  web:\n    image: nginx\n    ports: x\n');
  const up = await app.run('up', '-d');
  assert.is(up.status, 1);
  assert.match(up.stderr, /^compose\.yaml:4:12: error: .*ports/);
  assert.is(engine.calls.length, 0);
});

test('--progress json prints objects only, errors too', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await app.run('--progress', 'json', 'up', '-d');
  const rows = up.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(rows.some((row) => row.id === 'Container app-web-1' && row.status === 'Done' && row.text === 'Started'));
  const bad = await app.run('--progress', 'json', 'up', '-d', 'nope');
  assert.is(bad.status, 1);
  assert.is(JSON.parse(bad.stderr.trimEnd().split('\n').at(-1) ?? '').error, true);
  const schema = JSON.parse(await readFile(join(import.meta.dirname, '../../../schemas/events.json'), 'utf8'));
  const validate = new Ajv2020({ strict: true }).compile(schema);
  for (const line of (up.stderr + bad.stderr).trimEnd().split('\n')) assert.ok(validate(JSON.parse(line)), line);
});

test('--progress quiet prints nothing', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  assert.equal(await app.run('--progress', 'quiet', 'up', '-d'), { status: 0, stdout: '', stderr: '' });
});

test('the first signal during up -d ends it in order with 130', async () => {
  const engine = memoryEngine({ images, delayMs: (call) => (call.name === 'startContainer' ? 200 : 0) });
  await using app = await cli(engine, compose);
  const up = app.start('up', '-d');
  while (!engine.calls.some((call) => call.name === 'startContainer')) await new Promise((resolve) => setTimeout(resolve, 5));
  up.interrupt();
  const outcome = await up.outcome;
  assert.is(outcome.status, 130, outcome.stderr);
  assert.ok(!engine.calls.some((call) => call.name === 'startContainer' && call.subject === 'app-web-1'));
  up.interrupt();
  assert.equal(app.abandoned, []);
});

test('--compatibility separates the parts of names with _', async () => {
  const engine = memoryEngine({ images: ['nginx'] });
  await using app = await cli(engine, 'name: app\nservices: {web: {image: nginx}, built: {build: .}}\n');
  const up = await app.run('--compatibility', 'up', '-d', '--no-deps', 'web');
  assert.is(up.status, 0, up.stderr);
  assert.match((await app.run('plan', 'built')).stdout, 'image app-built build');
  assert.match((await app.run('--compatibility', 'plan', 'built')).stdout, 'image app_built build');
  assert.equal(
    (await engine.listContainers()).map((one) => one.name),
    ['app_web_1'],
  );
  // Found by its labels, whatever its name.
  assert.match((await app.run('up', '-d', 'web')).stderr, 'Nothing to do');
  const again = await app.run('--compatibility', 'up', '-d', '--force-recreate', 'web');
  assert.is(again.status, 0, again.stderr);
  assert.equal(
    (await engine.listContainers()).map((one) => one.name),
    ['app_web_1'],
  );
});

test('a service of an inactive profile may be named also when the file comes from standard input', async () => {
  const text = 'name: app\nservices:\n  tool: { image: nginx, profiles: [extra] }\n';
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose, { stdin: text });
  assert.is((await app.run('-f', '-', 'up', '-d', 'tool')).status, 0);
  const stopped = await app.run('-f', '-', 'stop', 'tool');
  assert.is(stopped.status, 0, stopped.stderr);
  assert.equal(
    (await engine.listContainers()).map((one) => [one.service, one.state]),
    [['tool', 'exited']],
  );
});

test.run();

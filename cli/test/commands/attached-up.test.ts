import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { type Cli, cli, until } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: nginx
    depends_on: [db]
  db:
    image: postgres
`;
const images = ['nginx', 'postgres'];

/** The engine's id of a service's only container. */
async function idOf(engine: ReturnType<typeof memoryEngine>, service: string): Promise<string> {
  const container = (await engine.listContainers()).find((one) => one.service === service);
  if (container === undefined) throw new Error(`no container of ${service}`);
  return container.id;
}

/** `up` in the foreground, attached. */
async function attachedUp(app: Cli, ...argv: readonly string[]) {
  const up = app.start('up', ...argv);
  await until(
    () => up.text().includes('Started \n') && up.text().includes('Attaching to') && up.text().split('Started \n').length > 2,
  );
  return up;
}

test('shows lines with their names and ends with 0 when all have exited', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app);
  const [web, db] = [await idOf(engine, 'web'), await idOf(engine, 'db')];
  engine.addLog(web, 'hello');
  engine.addLog(db, 'trouble', 'stderr');
  await until(() => up.text().includes('hello') && up.text().includes('trouble'));
  engine.exit(db, 3);
  engine.exit(web, 0);
  const { status, stdout, stderr } = await up.outcome;
  assert.is(status, 0);
  assert.match(stdout, /^Attaching to db-1, web-1\n/);
  assert.match(stdout, /^web-1 {2}\| hello$/m);
  assert.match(stderr, /^db-1 {3}\| trouble$/m);
  assert.ok(stdout.includes('\r\u001b[Kdb-1 exited with code 3\n'), stdout);
  assert.ok(stdout.includes('\r\u001b[Kweb-1 exited with code 0\n'), stdout);
});

test('shows what hooks print, under the name of their container', async () => {
  const engine = memoryEngine({ images, behaviour: () => ({ exec: () => ({ stdout: 'ready' }) }) });
  await using app = await cli(engine, `${compose}    post_start: [{ command: [init] }]\n`);
  const up = await attachedUp(app);
  await until(() => up.text().includes('ready'));
  for (const service of ['db', 'web']) engine.exit(await idOf(engine, service), 0);
  assert.match((await up.outcome).stdout, /^db-1 -> +\| ready$/m);
});

test('follows named services only, and ends with them', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, 'web');
  engine.addLog(await idOf(engine, 'db'), 'unheard');
  engine.exit(await idOf(engine, 'web'), 1);
  const { status, stdout } = await up.outcome;
  assert.is(status, 0);
  assert.match(stdout, /^Attaching to web-1\n/);
  assert.not.match(stdout, /unheard/);
  assert.is((await engine.listContainers()).find((one) => one.service === 'db')?.state, 'running');
});

test('--no-attach leaves a service out, --no-log-prefix the names', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, '--no-attach', 'db', '--no-log-prefix');
  engine.addLog(await idOf(engine, 'web'), 'plain');
  await until(() => up.text().includes('plain'));
  engine.exit(await idOf(engine, 'web'), 0);
  assert.match((await up.outcome).stdout, /^Attaching to web-1\nplain\n/);
});

test('the first Ctrl-C stops everything in order, exit 130', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app);
  up.interrupt();
  const { status, stderr } = await up.outcome;
  assert.is(status, 130);
  assert.match(stderr, / Compose Stopping Gracefully Stopping\.\.\. press Ctrl\+C again to force\n/);
  const stops = engine.calls.filter((call) => call.name === 'stopContainer').map((call) => call.subject);
  assert.equal(stops, ['app-web-1', 'app-db-1']);
});

test('the second Ctrl-C kills what is still stopping', async () => {
  const engine = memoryEngine({ images, delayMs: (call) => (call.name === 'stopContainer' ? 500 : 0) });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app);
  up.interrupt();
  await until(() => engine.calls.some((call) => call.name === 'stopContainer'));
  up.interrupt();
  const { status } = await up.outcome;
  assert.is(status, 130);
  const kills = engine.calls.filter((call) => call.name === 'killContainer').map((call) => call.subject);
  assert.equal(kills.sort(), ['app-db-1', 'app-web-1']);
});

test('Ctrl-C while services still start stops what has started', async () => {
  const engine = memoryEngine({
    images,
    delayMs: (call) => (call.name === 'startContainer' && call.subject === 'app-web-1' ? 5_000 : 0),
  });
  await using app = await cli(engine, compose);
  const up = app.start('up');
  await until(() => engine.calls.some((call) => call.name === 'startContainer' && call.subject === 'app-web-1'));
  up.interrupt();
  const { status } = await up.outcome;
  assert.is(status, 130);
  assert.is((await engine.listContainers()).find((one) => one.service === 'db')?.state, 'exited');
});

test('--abort-on-container-exit stops the rest and passes the status on', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, '--abort-on-container-exit');
  engine.exit(await idOf(engine, 'web'), 7);
  const { status, stderr } = await up.outcome;
  assert.is(status, 7);
  assert.match(stderr, /Aborting on container exit\.\.\./);
  assert.equal(
    (await engine.listContainers()).map((one) => one.state),
    ['exited', 'exited'],
  );
});

test('--abort-on-container-failure goes on after a success', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, '--abort-on-container-failure');
  engine.exit(await idOf(engine, 'db'), 0);
  await until(() => up.text().includes('db-1 exited with code 0'));
  engine.exit(await idOf(engine, 'web'), 2);
  assert.is((await up.outcome).status, 2);
});

test('--exit-code-from takes the status of that service, also when it is stopped', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, '--exit-code-from', 'web');
  engine.exit(await idOf(engine, 'db'), 1);
  assert.is((await up.outcome).status, 143);
});

test('--exit-code-from counts for a service whose output is not shown', async () => {
  for (const flags of [
    ['--attach', 'web'],
    ['--no-attach', 'db'],
  ]) {
    const engine = memoryEngine({ images });
    await using app = await cli(engine, compose);
    const up = await attachedUp(app, '--exit-code-from', 'db', ...flags);
    engine.addLog(await idOf(engine, 'db'), 'unheard');
    engine.exit(await idOf(engine, 'db'), 3);
    const { status, stdout } = await up.outcome;
    assert.is(status, 3, flags.join(' '));
    assert.not.match(stdout, /unheard|db-1 exited/);
  }
});

test('dependencies that are shown do not hold the end, and their exits do not abort', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const up = await attachedUp(app, '--attach-dependencies', '--abort-on-container-exit', 'web');
  engine.addLog(await idOf(engine, 'db'), 'heard');
  await until(() => up.text().includes('heard'));
  engine.exit(await idOf(engine, 'db'), 4);
  await until(() => up.text().includes('db-1 exited with code 4'));
  engine.exit(await idOf(engine, 'web'), 0);
  assert.is((await up.outcome).status, 0);
});

test('a service that cannot start ends up with status 1', async () => {
  const engine = memoryEngine({ images, behaviour: (spec) => (spec.serviceName === 'web' ? { startError: 'no' } : {}) });
  await using app = await cli(engine, compose);
  const up = await app.run('up');
  assert.is(up.status, 1);
  assert.match(up.stderr, /engine\.start-failed/);
});

test('on a terminal d leaves the containers running, and Ctrl-C is a key', async () => {
  const engine = memoryEngine({ images });
  const terminal = { stdinIsTerminal: true, stdoutIsTerminal: true };
  await using detaching = await cli(engine, compose, { ...terminal, stdin: 'xd' });
  const left = await detaching.run('--progress', 'tty', 'up');
  assert.is(left.status, 0, left.stderr);
  assert.match(left.stdout, 'd Detach');
  assert.equal(
    (await engine.listContainers()).map((one) => one.state),
    ['running', 'running'],
  );

  await using stopping = await cli(engine, compose, { ...terminal, stdin: '\u0003' });
  assert.is((await stopping.run('--progress', 'tty', 'up')).status, 130);
  assert.equal(
    (await engine.listContainers()).map((one) => one.state),
    ['exited', 'exited'],
  );
});

test('the key w turns the watch on and off while up goes on, and tells what it cannot watch', async () => {
  const keys = { stdinIsTerminal: true, stdoutIsTerminal: true, stdinStaysOpen: true };
  const rules = '    develop: { watch: [{ action: sync, path: ., target: /app }] }\n';
  const engine = memoryEngine({ images });
  await using app = await cli(
    engine,
    compose.replace(/^ {4}image: nginx\n/m, (line) => line + rules),
    keys,
  );
  const up = app.start('--progress', 'tty', 'up');
  await until(() => up.text().includes('w Watch on/off'));
  up.press('w');
  await until(() => up.text().includes('Watch enabled'));
  up.press('w');
  await until(() => up.text().includes('Watch disabled'));
  up.press('w');
  await until(() => up.text().split('Watch enabled').length === 3);
  up.press('d');
  assert.is((await up.outcome).status, 0);
  assert.equal(
    (await engine.listContainers()).map((one) => one.state),
    ['running', 'running'],
  );

  await using without = await cli(memoryEngine({ images }), compose, keys);
  const other = without.start('--progress', 'tty', 'up');
  await until(() => other.text().includes('w Watch on/off'));
  other.press('w');
  await until(() => other.text().includes('[watch.nothing]'));
  other.press('d');
  assert.is((await other.outcome).status, 0);
});

test("without a menu keys are nobody's", async () => {
  for (const [argv, env] of [
    [['up', '--menu=false'], {}],
    [['up'], { COMPOSE_MENU: '0' }],
  ] as const) {
    const engine = memoryEngine({ images });
    await using app = await cli(engine, compose, { stdinIsTerminal: true, stdoutIsTerminal: true, stdin: 'd', env });
    const up = app.start('--progress', 'tty', ...argv);
    await until(() => up.text().includes('Attaching to'));
    up.interrupt();
    assert.is((await up.outcome).status, 130);
  }
});

test.run();

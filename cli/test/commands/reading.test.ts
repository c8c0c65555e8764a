import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli, until } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: nginx
    ports: ["8080:80"]
    depends_on: [db]
  db:
    image: postgres
    volumes: [data:/data]
volumes:
  data: {}
`;
const images = ['nginx', 'postgres'];

async function upApp(options: Parameters<typeof memoryEngine>[0] = {}) {
  const engine = memoryEngine({ images, ...options });
  const app = await cli(engine, compose);
  const up = await app.run('up', '-d');
  assert.is(up.status, 0, up.stderr);
  const ids = Object.fromEntries((await engine.listContainers()).map((one) => [one.service, one.id]));
  return { engine, app, ids, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

test('ps shows running containers, -a all, and filters', async () => {
  await using one = await upApp();
  const { app } = one;
  const rows = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/)[0] ?? '');
  assert.equal(rows((await app.run('ps')).stdout), ['NAME', 'app-db-1', 'app-web-1']);
  assert.match((await app.run('ps', 'web')).stdout, /app-web-1 +nginx .*0\.0\.0\.0:8080->80\/tcp\n$/);
  await app.run('stop', 'web');
  assert.equal(rows((await app.run('ps')).stdout), ['NAME', 'app-db-1']);
  assert.equal(rows((await app.run('ps', '-a')).stdout), ['NAME', 'app-db-1', 'app-web-1']);
  assert.equal(rows((await app.run('ps', '--filter', 'status=exited')).stdout), ['NAME', 'app-web-1']);
  assert.is((await app.run('ps', '-q', 'db')).stdout, `${one.ids['db']}\n`);
  assert.is((await app.run('ps', '--services', '-a')).stdout, 'db\nweb\n');
  assert.is((await app.run('ps', '--format', '{{.Service}}={{.State}}', '-a')).stdout, 'db=running\nweb=exited\n');
  const json = (await app.run('ps', '-a', '--format', 'json')).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    json.map((row) => [row.Service, row.State, row.ExitCode]),
    [
      ['db', 'running', 0],
      ['web', 'exited', 143],
    ],
  );
});

test('ps refuses what is no service, state or filter', async () => {
  await using one = await upApp();
  const { app } = one;
  assert.match((await app.run('ps', 'wbe')).stderr, /did you mean "web"/);
  assert.match((await app.run('ps', '--status', 'up')).stderr, /allowed: created, running/);
  assert.match((await app.run('ps', '--filter', 'name=x')).stderr, /status=STATE/);
});

test('ls lists projects with their states', async () => {
  await using one = await upApp();
  const { app } = one;
  await app.run('stop', 'web');
  const [row] = JSON.parse((await app.run('ls', '--format', 'json')).stdout);
  assert.is(row.Name, 'app');
  assert.is(row.Status, 'exited(1), running(1)');
  assert.match(row.ConfigFiles, /compose\.yaml$/);
  await app.run('stop');
  assert.is((await app.run('ls', '-q')).stdout, '');
  assert.is((await app.run('ls', '-q', '--all')).stdout, 'app\n');
  assert.is((await app.run('ls', '-qa', '--filter', 'name=^b')).stdout, '');
});

test('logs merges containers by time, both streams on stdout', async () => {
  await using one = await upApp();
  const { app, engine, ids } = one;
  engine.addLog(ids['web'] ?? '', 'first');
  engine.addLog(ids['db'] ?? '', 'second', 'stderr');
  engine.addLog(ids['web'] ?? '', 'third');
  assert.equal(await app.run('logs'), { status: 0, stdout: 'web-1  | first\ndb-1   | second\nweb-1  | third\n', stderr: '' });
  assert.is((await app.run('logs', '--tail', '1', '--no-log-prefix')).stdout, 'second\nthird\n');
  assert.is((await app.run('logs', 'db')).stdout, 'db-1  | second\n');
  assert.match((await app.run('logs', '-t', 'db')).stdout, /^db-1 {2}\| 2026-01-01T\S+Z second\n$/);
  assert.match((await app.run('logs', '--tail', 'some')).stderr, /cli\.bad-flag-value/);
});

test('logs -f shows new lines and ends when the containers have ended', async () => {
  await using one = await upApp();
  const { app, engine, ids } = one;
  const logs = app.start('logs', '-f', 'web');
  engine.addLog(ids['web'] ?? '', 'now');
  await until(() => logs.text().includes('web-1  | now'));
  engine.exit(ids['web'] ?? '', 0);
  assert.is((await logs.outcome).status, 0);
});

test('logs -f ends with 130 at Ctrl-C', async () => {
  await using one = await upApp();
  const logs = one.app.start('logs', '-f');
  await until(() => one.engine.waiting() > 0);
  logs.interrupt();
  assert.equal(await logs.outcome, { status: 130, stdout: '', stderr: '' });
});

test('exec passes output and status through', async () => {
  await using one = await upApp({
    behaviour: () => ({
      exec: (spec) => ({ stdout: `${spec.argv.join(' ')} ${spec.env.join(',')}\n`, stderr: 'oops\n', exitCode: 42 }),
    }),
  });
  const outcome = await one.app.run('exec', '-T', '-e', 'A=1', '-e', 'UNSET_VARIABLE', 'web', 'ls', '-l', '--', 'x');
  assert.equal(outcome, { status: 42, stdout: 'ls -l -- x A=1\n', stderr: 'oops\n' });
  await one.app.run('stop', 'web');
  assert.match((await one.app.run('exec', 'web', 'ls')).stderr, /service "web" is not running \[cli\.not-running\]/);
  assert.match((await one.app.run('exec', 'wbe', 'ls')).stderr, /did you mean "web"/);
  assert.match((await one.app.run('exec', '--index', '2', 'db', 'ls')).stderr, /container #2/);
});

test('port, images, volumes and image ls read the engine', async () => {
  await using one = await upApp();
  const { app } = one;
  assert.is((await app.run('port', 'web', '80')).stdout, '0.0.0.0:8080\n');
  assert.match((await app.run('port', 'web', '81')).stderr, /no port 81\/tcp .*\[cli\.no-port\]\n.*0\.0\.0\.0:8080->80\/tcp/);
  assert.match(
    (await app.run('images')).stdout,
    /^CONTAINER +REPOSITORY +TAG +PLATFORM +IMAGE ID +SIZE +CREATED\napp-db-1 +postgres +latest/,
  );
  assert.is((await app.run('volumes')).stdout, 'DRIVER              VOLUME NAME\nlocal               app_data\n');
  assert.is((await app.run('volumes', '-q', 'web')).stdout, '');
  assert.match((await app.run('image', 'ls')).stdout, /^REPOSITORY .*\nnginx +latest/);
  assert.match((await app.run('image', 'inspect', 'nope')).stderr, /engine\.image-not-found/);
});

test('events --until ends by itself at that moment', async () => {
  await using one = await upApp();
  const { app } = one;
  const running = app.start('events', '--until', '2026-01-01T00:00:01.500Z');
  await until(() => one.engine.waiting() > 0);
  one.engine.exit(one.ids['web'] ?? '', 3);
  const { status, stdout } = await running.outcome;
  assert.is(status, 0);
  assert.match(stdout, / container die /);

  const past = await app.run('events', '--until', '10s');
  assert.equal([past.status, past.stdout], [0, '']);
  assert.match((await app.run('events', '--until', '2027-01-01T00:00:00Z')).stderr, /24 days/);
});

test('events --since tells what has happened, why tells it in words', async () => {
  await using one = await upApp();
  const { app } = one;
  one.engine.exit(one.ids['web'] ?? '', 137);
  const { stdout } = await app.run('events', '--since', '2025-12-31', '--until', '2025-12-31T23:00:00Z');
  assert.is(stdout, '');
  const past = (await app.run('events', '--json', '--since', '2025-12-31', '--until', '0s', 'web')).stdout;
  assert.is(past, '');
  const why = (await app.run('why', 'web')).stdout;
  assert.match(why, /^app-web-1: Exited \(137\) .*; ended by SIGKILL \(exit code 137\)\n\n/);
  assert.match(why, / app-web-1 +"up" makes it: there was none\n/);
  assert.match(why, / app-web-1 +runs\n[^\n]* app-web-1 +ended by SIGKILL/);
  assert.match((await app.run('why', 'nosuch')).stderr, /no such service: nosuch/);
  const json = (await app.run('why', '--format', 'json', 'web')).stdout.trim().split('\n');
  assert.equal(json.map((line) => JSON.parse(line).action).sort(), ['create', 'decision', 'decision', 'die', 'start']);
});

test('events tells what happens until Ctrl-C', async () => {
  await using one = await upApp();
  const text = one.app.start('events');
  const json = one.app.start('events', '--json', 'web');
  await until(() => one.engine.waiting() > 1);
  one.engine.exit(one.ids['web'] ?? '', 3);
  one.engine.exit(one.ids['db'] ?? '', 0);
  await until(() => text.text().split('container die').length > 2 && json.text() !== '');
  text.interrupt();
  json.interrupt();
  assert.match(
    (await text.outcome).stdout,
    /^2026-\S+ \S+ container die [0-9a-f]{64} \(exitCode=3, image=nginx, name=app-web-1\)\n\n/,
  );
  const { stdout, status } = await json.outcome;
  assert.is(status, 130);
  const { time, ...event } = JSON.parse(stdout);
  assert.match(time, /^2026-01-01T00:00:\d\d\.000Z$/);
  assert.equal(event, {
    action: 'die',
    attributes: { exitCode: '3', image: 'nginx', name: 'app-web-1' },
    id: one.ids['web'],
    service: 'web',
    type: 'container',
  });
});

test('wait --down-project goes by the first that ends', async () => {
  await using one = await upApp();
  const wait = one.app.start('wait', '--down-project', 'web', 'db');
  await until(() => one.engine.waiting() > 1);
  one.engine.exit(one.ids['db'] ?? '', 4);
  const { status, stdout } = await wait.outcome;
  assert.is(status, 4);
  assert.is(stdout.split('exited with status code').length, 2);
  assert.equal(await one.engine.listContainers(), []);
});

test('wait passes the status of the service on', async () => {
  await using one = await upApp();
  const wait = one.app.start('wait', 'web');
  await until(() => one.engine.waiting() > 0);
  one.engine.exit(one.ids['web'] ?? '', 9);
  const { status, stdout } = await wait.outcome;
  assert.is(status, 9);
  assert.match(stdout, /exited with status code 9\n/);
});

test.run();

// timeout: 900s
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProgram } from '../scenario/program.ts';
import { type Check, eventually, expect, scenario, type World } from '../scenario.ts';
import { holds, patienceMs } from '../watch/container-files.ts';

const sleeper = `
    image: tscompose/busybox:1
    command: [sh, -c, "cat /app/v; echo started; exec sleep 1000"]
    working_dir: /app
    stop_signal: SIGKILL
`;

const save = (world: World, path: string, text: string) => writeFile(join(world.directory, path), text);
const says = (pattern: RegExp): Check => eventually(expect.stderr(pattern), patienceMs);
const shows = (service: string, script: string, pattern: RegExp) =>
  eventually(expect.inside(service, ['sh', '-c', script], pattern), patienceMs);

/** The log of a service has this many lines of a kind. */
const logged = (service: string, line: RegExp, count: number): Check =>
  eventually(async (world) => {
    const { stdout } = await world.run('logs', '--no-log-prefix', service);
    assert.is(stdout.split('\n').filter((one) => line.test(one)).length, count, stdout);
  }, patienceMs);

const actions = `
services:
  synced:${sleeper}
    develop: { watch: [{ path: ./src, action: sync+restart, target: /app, include: ["v", "*.conf"] }] }
  restarted:${sleeper}
    develop: { watch: [{ path: ./src/other.conf, action: restart }] }
  commanded:${sleeper}
    develop:
      watch:
        - path: ./src
          action: sync+exec
          target: /app
          ignore: ["*.conf"]
          exec:
            command: [sh, -c, "echo $$GREETING $$(id -u) $$PWD $$(cat /app/v) >> /tmp/ran; cat /app/v; test ! -e /app/fail"]
            user: app
            working_dir: /tmp
            environment: { GREETING: hello }
`;

scenario('each action does what it says, when its own files change, and goes on after a failure')
  .images('busybox')
  .project({ 'compose.yaml': actions, 'src/v': 'one', 'src/other.conf': 'a' })
  .step('the project runs', ['up', '-d'])
  .start('watch --no-up', ['watch', '--no-up'], says(/Watch enabled/))
  .act('sync+restart, sync+exec and their files', async (world) => {
    await save(world, 'src/v', 'two\n');
    await logged('synced', /^two$/, 1)(world);
    await holds('commanded', '/tmp/ran', 'hello 1000 /tmp two\n')(world);
    await says(/service\(s\) \["synced"\] restarted/)(world);
    await says(/app-commanded-1 \| two/)(world);
  })
  .act('restart, by a file of its own; include and ignore keep the others out', async (world) => {
    await save(world, 'src/other.conf', 'b');
    await logged('restarted', /^started$/, 2)(world);
    await holds('synced', '/app/other.conf', 'b')(world);
    await expect.inside('commanded', ['sh', '-c', 'ls /app'], /^v\n$/)(world);
  })
  .act('a failing command is told, and the next change runs it again', async (world) => {
    await save(world, 'src/fail', '');
    await says(/watch\.exec-failed/)(world);
    await rm(join(world.directory, 'src/fail'));
    await shows('commanded', 'ls /app; wc -l < /tmp/ran', /^v\n3\n$/)(world);
  })
  .act('a second watch of the project is refused', async (world) => {
    const second = await startProgram(['watch', '--no-up'], world).finished;
    assert.is(second.status, 1);
    assert.match(second.stderr, /watch\.already-running/);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .step('a dry run shows the plan and watches nothing', ['watch', '--dry-run'])
  .test();

const built = `
services:
  web:
    build: .
    stop_signal: SIGKILL
    depends_on: [db]
    develop: { watch: [{ path: ./src, action: rebuild }, { path: ./live, action: sync, target: /live }] }
  db: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL }
`;

scenario('rebuild makes the image and its containers again and nothing else; a failed build leaves them alone')
  .images('busybox')
  .project({
    'compose.yaml': built,
    Dockerfile: 'FROM tscompose/busybox:1\nCOPY src /app\nCMD ["sleep", "1000"]\n',
    '.dockerignore': 'src/ignored\n',
    'src/v': 'one',
    'live/x': 'x',
  })
  .start('watch builds and starts', ['watch'], says(/Watch enabled/), holds('web', '/app/v', 'one'))
  .act('a change is built', async (world) => {
    await save(world, 'src/ignored', 'x');
    await save(world, 'live/x', 'y');
    await holds('web', '/live/x', 'y')(world);
    const db = (await world.containers()).find((one) => one.service === 'db')?.id;
    await save(world, 'src/v', 'two');
    await holds('web', '/app/v', 'two')(world);
    await says(/service\(s\) \["web"\] successfully built/)(world);
    // Not in the image: the new container is given it all the same.
    await holds('web', '/live/x', 'y')(world);
    assert.is((await world.containers()).find((one) => one.service === 'db')?.id, db);
    assert.not.match(world.running?.output().stderr ?? '', /(Rebuilding[\s\S]*){2}/, 'an ignored file has been built');
    assert.equal(danglingOf(await world.run('image', 'ls', '--format', 'json')), []);
  })
  .act('a build that fails is shown, and the container stays', async (world) => {
    await save(world, 'Dockerfile', 'FROM tscompose/busybox:1\nCOPY src /app\nRUN false\n');
    await save(world, 'src/v', 'three');
    await says(/Rebuild of "web" failed/)(world);
    await holds('web', '/app/v', 'two')(world);
    await save(world, 'Dockerfile', 'FROM tscompose/busybox:1\nCOPY src /app\nCMD ["sleep", "1000"]\n');
    await save(world, 'src/v', 'four');
    await holds('web', '/app/v', 'four')(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .test();

const definition = (watch: string, environment: string) => `
services:
  web:${sleeper}
    environment: { V: "${environment}" }
    develop: { watch: [${watch}] }
`;
const source = '{ path: ./src, action: sync, target: /app }';

scenario('a compose file that changes is applied, and the watch goes on with its rules and what was copied')
  .images('busybox')
  .project({ 'compose.yaml': definition(source, 'one'), 'src/v': 'one', 'more/m': 'one' })
  .start('watch --auto-apply', ['watch', '--auto-apply'], says(/Watch enabled/))
  .act('a copied file', async (world) => {
    await save(world, 'src/v', 'two');
    await holds('web', '/app/v', 'two')(world);
  })
  .act('a file that cannot be used leaves everything as it is', async (world) => {
    await save(world, 'compose.yaml', 'services: [\n');
    await says(/watch\.definition-unused/)(world);
    await save(world, 'src/v', 'three');
    await holds('web', '/app/v', 'three')(world);
  })
  .act('a new rule and a new environment', async (world) => {
    await save(world, 'compose.yaml', definition(`${source}, { path: ./more, action: sync, target: /more }`, 'two'));
    await says(/Changes to "app" applied[\s\S]*Watch enabled/)(world);
    await holds('web', '/app/v', 'three')(world);
    await expect.inside('web', ['sh', '-c', 'echo $V'], /^two\n$/)(world);
    await save(world, 'more/m', 'two');
    await save(world, 'src/v', 'four');
    await holds('web', '/more/m', 'two')(world);
    await holds('web', '/app/v', 'four')(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .start('without --auto-apply and without a terminal it only says so', ['watch', '--no-up'], says(/Watch enabled/))
  .act('a change', async (world) => {
    await save(world, 'compose.yaml', definition(source, 'three'));
    await says(/watch\.definition-changed/)(world);
    await expect.inside('web', ['sh', '-c', 'echo $V'], /^two\n$/)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .test();

scenario('up --watch shows logs and copies, restarts without ending, and stops the project at Ctrl-C')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  web:${sleeper}
    scale: 2
    develop: { watch: [{ path: ./src, action: sync+restart, target: /app, initial_sync: true }] }
`,
    'src/v': 'one\n',
  })
  .start('up --watch', ['up', '--watch'], eventually(expect.stdout(/⦿ Watch enabled/), patienceMs))
  .act('both replicas get it and say so', async (world) => {
    await save(world, 'src/v', 'two\n');
    await eventually(expect.stdout(/web-1 +\| two$/m), patienceMs)(world);
    await eventually(expect.stdout(/web-2 +\| two$/m), patienceMs)(world);
    await expect.stdout(/⦿ Syncing service "web" after 1 changes were detected: .* in 2 containers/)(world);
  })
  .act('one more replica gets it too', async (world) => {
    await world.run('scale', 'web=3');
    await eventually(async () => {
      const { stdout } = await world.run('exec', '-T', '--index', '3', 'web', 'cat', '/app/v');
      assert.is(stdout, 'two\n');
    }, patienceMs)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130), expect.state('web', 'exited'))
  .test();

scenario('a full file system is told with its path, nothing breaks, and it is tried again')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  web:${sleeper}
    tmpfs: ["/app:size=65536"]
    develop: { watch: [{ path: ./src, action: sync, target: /app }] }
`,
    'src/v': 'one',
  })
  .start('watch, as events', ['--progress', 'json', 'watch'], says(/"id":"Watch","status":"Working","text":"Enabled"/))
  .act('too much', async (world) => {
    await save(world, 'src/v', 'small');
    await holds('web', '/app/v', 'small')(world);
    await save(world, 'src/large', 'x'.repeat(100_000));
    await says(/"code":"watch\.not-copied"/)(world);
    await expect.inside('web', ['sh', '-c', 'ls -A /app'], /^v\n$/)(world);
    await save(world, 'src/w', 'small');
    await holds('web', '/app/w', 'small')(world);
    await save(world, 'src/large', 'fits');
    await holds('web', '/app/large', 'fits')(world);
    await says(/"id":"Service web","status":"Done","text":"Synced"/)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .test();

function danglingOf({ stdout }: { readonly stdout: string }): string[] {
  return stdout.split('\n').filter((line) => line.includes('<none>'));
}

test.run();

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { fixCommands } from '../../commands/doctor.command.ts';
import { commandLoaders, laterCommands } from '../../commands/index.ts';
import { cli, until } from './harness.ts';

const compose = 'name: app\nservices: {web: {image: nginx}}\n';
const app = () => cli(memoryEngine({ images: ['nginx'] }), compose);

test('no arguments, help and --help show the commands', async () => {
  await using one = await app();
  for (const argv of [[], ['--help'], ['-h'], ['help']]) {
    const { status, stdout, stderr } = await one.run(...argv);
    assert.is(status, 0);
    assert.is(stderr, '');
    assert.match(stdout, /^Usage: {2}tscompose \[OPTIONS\] COMMAND\n/);
    for (const name of Object.keys(commandLoaders)) assert.ok(stdout.includes(`\n  ${name} `), name);
  }
});

test('help of a command, in three ways', async () => {
  await using one = await app();
  const texts = await Promise.all([one.run('down', '--help'), one.run('help', 'down'), one.run('down', '-vh')]);
  for (const { status, stdout } of texts) {
    assert.is(status, 0);
    assert.is(
      stdout,
      [
        'Usage:  tscompose down [OPTIONS] [SERVICE...]',
        '',
        'Stop and remove containers and networks',
        '',
        'Options:',
        '      --remove-orphans   Also containers of services that are no longer defined',
        '      --rmi string       Remove images too (local, all)',
        '  -t, --timeout int      Seconds until containers are killed',
        '  -v, --volumes          Remove named and anonymous volumes with their data',
        '',
      ].join('\n'),
    );
  }
});

test('every command has a summary, and its flags have help and unique spellings', async () => {
  for (const [name, load] of Object.entries(commandLoaders)) {
    const command = await load();
    assert.is(command.name, name);
    assert.ok(command.summary.length > 5, name);
    const letters = Object.values(command.flags).flatMap((flag) => flag.alias ?? []);
    assert.is(new Set(letters).size, letters.length, `${name}: ${letters.join('')}`);
    for (const [flag, spec] of Object.entries(command.flags)) assert.ok(spec.help.length > 3, `${name} --${flag}`);
    for (const flag of command.conflicts.flat()) assert.ok(flag in command.flags, `${name} --${flag}`);
  }
});

test('an unknown command suggests the nearest, one of Docker Compose says that it is to come', async () => {
  await using one = await app();
  const unknown = await one.run('dwon');
  assert.is(unknown.status, 1);
  assert.match(unknown.stderr, /unknown command "dwon" \[cli\.unknown-command\]\n {2}hint: did you mean "down"/);
  for (const name of Object.keys(laterCommands)) {
    const later = await one.run(name, '--anything');
    assert.is(later.status, 1);
    assert.match(later.stderr, /\[cli\.not-yet\]/);
  }
  assert.match((await one.run('image')).stdout, /image import/);
  assert.match((await one.run('image', 'lss')).stderr, /did you mean "image ls"/);
});

const mistakes: readonly [readonly string[], string][] = [
  [['up', '--detach', '--attach', 'web'], 'cli.flags-conflict'],
  [['up', '--build', '--no-build'], 'cli.flags-conflict'],
  [['up', '--wait-timeout', '-1'], 'cli.bad-flag-value'],
  [['up', '--pull', 'policy'], 'cli.bad-flag-value'],
  [['version', 'extra'], 'cli.unexpected-operand'],
  [['port', 'web'], 'cli.missing-operand'],
  [['logs', '--index', '1'], 'cli.flag-needs-other'],
  [['up', '-f', 'x.yaml'], 'cli.unknown-flag'],
  [['--progress', 'fancy', 'ps'], 'cli.bad-flag-value'],
  [['--progress', 'tty', '--ansi', 'never', 'ps'], 'cli.flags-conflict'],
  [['exec', 'nope', 'ls'], 'cli.unknown-service'],
  [['ps', '--format', '{{.Nope}}', '-a'], 'cli.bad-template'],
];
for (const [argv, code] of mistakes) {
  test(`${argv.join(' ')} is ${code}, status 1`, async () => {
    await using one = await app();
    await one.run('up', '-d');
    const { status, stderr } = await one.run(...argv);
    assert.is(status, 1);
    assert.ok(stderr.includes(`[${code}]`), stderr);
  });
}

test('version in its forms, without a compose file', async () => {
  await using one = await cli(memoryEngine(), 'services: [');
  assert.match((await one.run('version')).stdout, /^tscompose version v\d+\.\d+\.\d+\n$/);
  assert.match((await one.run('version', '--short')).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match((await one.run('version', '-f', 'json')).stdout, /^\{"version":"v/);
  assert.is((await one.run('-v')).stdout, (await one.run('version')).stdout);
});

test('works as docker-compose too', async () => {
  await using one = await cli(memoryEngine({ images: ['nginx'] }), compose, { program: 'docker-compose' });
  assert.is((await one.run('-H', 'tcp://ignored', 'up', '-d')).status, 0);
  assert.match((await one.run('--version')).stdout, /version v/);
});

test('COMPOSE_ variables come from the environment and from .env', async () => {
  await using one = await cli(memoryEngine(), compose, { env: { COMPOSE_PROGRESS: 'loud' } });
  assert.match((await one.run('ps')).stderr, /COMPOSE_PROGRESS is "loud" \[cli\.bad-variable\]/);
  await using other = await app();
  await other.write('.env', 'COMPOSE_ANSI=sometimes\n');
  assert.match((await other.run('ps')).stderr, /COMPOSE_ANSI is "sometimes"/);
  await other.write('.env', 'COMPOSE_PARALLEL_LIMIT=two\n');
  assert.match((await other.run('ps')).stderr, /COMPOSE_PARALLEL_LIMIT is "two"/);
});

test('COMPOSE_PROJECT_NAME is enough where the file cannot be loaded', async () => {
  const engine = memoryEngine({ images: ['nginx'] });
  await using one = await cli(engine, compose, { env: { COMPOSE_PROJECT_NAME: 'other' } });
  await one.run('up', '-d');
  await one.write('compose.yaml', 'services: [');
  assert.match((await one.run('ps')).stdout, /other-web-1/);
  assert.is((await one.run('down')).status, 0);
  assert.equal(await engine.listContainers(), []);
});

test('deprecated spellings work with a warning', async () => {
  await using one = await app();
  const { status, stderr } = await one.run('down', '--volume');
  assert.is(status, 0);
  assert.match(stderr, /warning: --volume is deprecated \[cli\.deprecated-flag\]\n {2}hint: use --volumes/);
});

test('config shows the project, its lists, hashes and origins, and writes to a file', async () => {
  await using one = await app();
  assert.match((await one.run('config')).stdout, /^name: app\nservices:\n {2}web:\n/);
  assert.is((await one.run('config', '-q')).stdout, '');
  assert.is((await one.run('config', '--services')).stdout, 'web\n');
  assert.is((await one.run('config', '--images')).stdout, 'nginx\n');
  assert.match((await one.run('config', '--hash', '*')).stdout, /^web [0-9a-f]{64}\n$/);
  assert.match((await one.run('config', '--explain')).stdout, /^services\.web\.image +\S*compose\.yaml:2:\d+$/m);
  assert.is(JSON.parse((await one.run('config', '--format', 'json')).stdout).name, 'app');
  assert.is((await one.run('config', '-o', 'out.yaml')).stdout, '');
  assert.match((await one.run('-f', 'out.yaml', 'config')).stdout, /^name: app\n/);
  assert.match((await one.run('config', '-o', 'no/such/dir')).stderr, /cli\.bad-path/);
  assert.match((await one.run('config', '--resolve-image-digests')).stdout, /^ {4}image: nginx@sha256:[0-9a-f]{64}$/m);
  assert.match(
    (await one.run('config', '--lock-image-digests')).stdout,
    /^services:\n {2}web:\n {4}image: nginx@sha256:[0-9a-f]{64}\n$/,
  );
});

test('-f - reads standard input', async () => {
  await using one = await cli(memoryEngine(), compose, { stdin: 'name: piped\nservices: {a: {image: x}}\n' });
  assert.match((await one.run('-f', '-', 'config')).stdout, /^name: piped\n/);
});

test('--project-directory moves the base and the place of .env', async () => {
  await using one = await app();
  await mkdir(join(one.directory, 'sub'));
  await writeFile(join(one.directory, 'sub', 'compose.yaml'), 'services: {a: {image: x}}\n');
  assert.match((await one.run('--project-directory', 'sub', 'config')).stdout, /^name: sub\n/);
});

test('doctor is content with a good machine, and shows and fixes a bad one', async () => {
  const engine = memoryEngine();
  const problem: Diagnostic = {
    code: 'engine.requirement-missing',
    severity: 'error',
    message: 'crun is missing',
    hint: 'apt-get install -y crun',
  };
  let problems: readonly Diagnostic[] = [];
  const host = new Proxy(engine, {
    get: (target, key) => (key === 'checkHost' ? async () => problems : Reflect.get(target, key)),
  });
  await using one = await cli(host, compose);
  assert.equal(await one.run('doctor'), {
    status: 0,
    stdout: '✔ engine  in memory\nThis machine can run containers.\n',
    stderr: '',
  });
  problems = [problem];
  const bad = await one.run('doctor');
  assert.is(bad.status, 1);
  assert.is(bad.stdout, '✔ engine  in memory\n✘ crun is missing\n    apt-get install -y crun\n');
  assert.match(bad.stderr, /cli\.host-not-ready/);
  const fix = await one.run('doctor', '--fix');
  assert.is(one.shell[0], 'apt-get install -y crun');
  assert.is(fix.status, 1);
});

test('a machine that lacks something starts nothing, and ends what runs', async () => {
  const engine = memoryEngine({ images: ['nginx'] });
  let problems: readonly Diagnostic[] = [];
  const host = new Proxy(engine, {
    get: (target, key) => (key === 'checkHost' ? async () => problems : Reflect.get(target, key)),
  });
  await using one = await cli(host, compose);
  assert.is((await one.run('up', '-d')).status, 0);
  problems = [{ code: 'engine.requirement-missing', severity: 'error', message: 'crun is missing' }];
  for (const command of ['up', 'start', 'restart', 'create']) {
    assert.match((await one.run(command)).stderr, /crun is missing/, command);
  }
  for (const command of ['pause', 'unpause', 'stop', 'down']) assert.is((await one.run(command)).status, 0, command);
  assert.equal((await engine.listContainers()).length, 0);
});

test('doctor --fix tells which command failed', async () => {
  const problem: Diagnostic = { code: 'engine.requirement-missing', severity: 'error', message: 'x', hint: 'false' };
  const host = new Proxy(memoryEngine(), {
    get: (target, key) => (key === 'checkHost' ? async () => [problem] : Reflect.get(target, key)),
  });
  await using one = await cli(host, compose, { shellStatus: 100 });
  const { status, stderr } = await one.run('doctor', '--fix');
  assert.is(status, 1);
  assert.match(stderr, /^\+ false\nerror: "false" ended with status 100 \[cli\.fix-failed\]/);
});

test('a command waits for another one on the same project and says for whom', async () => {
  const engine = memoryEngine({ images: ['nginx'] });
  await using one = await cli(engine, compose);
  const held = await engine.lockProject('app', () => {});
  const up = one.start('up', '-d');
  await until(() => up.text().includes('[cli.waiting-for-lock]'));
  assert.is(engine.calls.length, 0);
  await held[Symbol.asyncDispose]();
  assert.is((await up.outcome).status, 0);
});

test('Ctrl-C ends the waiting for another command', async () => {
  const engine = memoryEngine({ images: ['nginx'] });
  await using one = await cli(engine, compose);
  await using _held = await engine.lockProject('app', () => {});
  const up = one.start('up', '-d');
  await until(() => up.text().includes('[cli.waiting-for-lock]'));
  up.interrupt();
  assert.is((await up.outcome).status, 130);
});

test('flags without effect say so', async () => {
  await using one = await app();
  assert.match(
    (await one.run('build', '--force-rm')).stderr,
    /--force-rm has no effect: containers of steps are always removed \[cli\.ignored-flag\]/,
  );
});

test('exec -t needs a terminal on standard input', async () => {
  await using one = await cli(memoryEngine({ images: ['nginx'] }), compose, { stdoutIsTerminal: true });
  await one.run('up', '-d');
  const { status, stderr } = await one.run('exec', '-t', 'web', 'sh');
  assert.is(status, 1);
  assert.match(stderr, /\[cli\.not-a-terminal\]/);
});

test('package commands of one package manager become one', () => {
  const missing = (hint: string): Diagnostic => ({ code: 'engine.requirement-missing', severity: 'error', message: '', hint });
  assert.equal(
    fixCommands([
      ...['apt-get install -y crun', 'apt-get install -y nftables iproute2', 'modprobe overlay', 'apt-get install -y crun'].map(
        missing,
      ),
      { code: 'engine.other', severity: 'error', message: '', hint: 'rm -rf /' },
    ]),
    ['apt-get install -y crun nftables iproute2', 'modprobe overlay'],
  );
});

test.run();

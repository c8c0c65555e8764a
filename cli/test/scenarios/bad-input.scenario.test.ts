// timeout: 180s
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario, type World } from '../scenario.ts';

/** Not root, but able to read the program: a checkout may be in root's own home. */
const nobody = [
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--inh-caps=+dac_read_search',
  '--ambient-caps=+dac_read_search',
];

const untouched = async (world: World): Promise<void> => assert.equal(await world.containers(), []);

scenario('all mistakes of a file are shown with their places, and nothing is touched')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  web:
    imagee: nginx
    ports: "80"
  db:
    image: postgres
    restart: [always]
`,
  })
  .step(
    'up refuses',
    ['up', '-d'],
    expect.exit(1),
    expect.stderr(/compose\.yaml:3:5/),
    expect.stderr(/compose\.yaml:4:/),
    expect.stderr(/compose\.yaml:7:/),
    expect.stderr(/imagee: nginx\n.*\^/),
    expect.stderr(/did you mean "image"\?/),
    untouched,
  )
  .test();

scenario('a port that is taken names its holder before anything starts')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  first: { image: "tscompose/busybox:1", command: [sleep, "1000"] }
  web: { image: "tscompose/busybox:1", command: [sleep, "1000"], ports: ["18082:80"], depends_on: [first] }
`,
  })
  .act('another program listens, up names it', async (world) => {
    await using server = await listen(18082);
    const up = await world.run('up', '-d');
    assert.is(up.status, 1);
    assert.match(up.stderr, /18082/);
    assert.match(up.stderr, new RegExp(`\\b${process.pid}\\b`));
    await untouched(world);
    void server;
  })
  .step('free again, up works', ['up', '-d'], expect.state('web', 'running'))
  .act('another project is told which stack and service hold it', async (world) => {
    const other = await world.run('-p', 'other', 'up', '-d');
    assert.is(other.status, 1);
    assert.match(other.stderr, /app.*web|web.*app/);
  })
  .test();

scenario('what is missing is said once, with the next step, and nothing is half made')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  a: { image: "tscompose/busybox:1", command: [sleep, "1000"] }
  b: { image: "localhost:1/nothing/here:1", depends_on: [a] }
`,
  })
  .step('an image that is nowhere', ['up', '-d'], expect.exit(1), expect.stderr(/localhost:1\/nothing\/here:1/), untouched)
  .edit('a program that is not in the image', {
    'compose.yaml': `services:
  a: { image: "tscompose/busybox:1", command: [no-such-program] }
`,
  })
  .step('the start fails with the runtime’s words', ['up', '-d'], expect.exit(1), expect.stderr(/no-such-program/))
  .step('and down cleans up', ['down'], untouched)
  .act('without root', async (world) => {
    // The scenario's directory is for root only.
    await using place = await readableDirectory({ 'compose.yaml': 'services: { a: { image: "tscompose/busybox:1" } }\n' });
    const program = new URL('../../../bin/tscompose', import.meta.url).pathname;
    const result = spawnSync('setpriv', [...nobody, program, 'up', '-d'], {
      cwd: place.path,
      env: { PATH: process.env['PATH'], TSCOMPOSE_ROOT: world.root, TSCOMPOSE_DEV: '1' },
      encoding: 'utf8',
    });
    assert.is(result.status, 1);
    assert.match(result.stderr, /root/);
    assert.not.match(result.stderr, /at .*\.ts:/);
  })
  .test();

async function readableDirectory(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tsc-'));
  await chmod(path, 0o755);
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function listen(port: number): Promise<AsyncDisposable> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '0.0.0.0', () =>
      resolve({ [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }),
    );
  });
}

test.run();

// timeout: 600s
import { spawnSync } from 'node:child_process';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Check, eventually, expect, scenario, type World } from '../scenario.ts';
import { patienceMs } from '../watch/container-files.ts';

const samples = new URL('../../../samples', import.meta.url).pathname;

const takes =
  (name: string, port: number): Check =>
  async (world) => {
    await cp(join(samples, name), world.directory, { recursive: true });
    await appendFile(join(world.directory, '.env'), `DEV_PORT=${port}\nCOMPOSE_PROJECT_NAME=app\n`);
  };

const answers = (port: number, pattern: RegExp): Check =>
  eventually(expect.http(`http://127.0.0.1:${port}/`, pattern), patienceMs);

async function replace(world: World, path: string, [from, to]: readonly [string, string]): Promise<void> {
  const file = join(world.directory, path);
  const text = await readFile(file, 'utf8');
  assert.ok(text.includes(from), `${path} has ${from}`);
  await writeFile(file, text.replace(from, to));
}

scenario('samples/dev: a saved file is served at once, settings restart the application, the database stays')
  .images('dev-web', 'redis')
  .act('the sample with a port of its own', takes('dev', 27_001))
  .step('up, with the images that were built from its Dockerfiles', ['up', '-d'])
  .start(
    'watch, without building them again',
    ['watch', '--no-up'],
    eventually(expect.stderr(/Watch enabled/), patienceMs),
    answers(27_001, /Hello from dev[\s\S]*visitor \d/),
  )
  .act('an edit', async (world) => {
    await replace(world, 'src/page.js', ['You are visitor', 'Visits:']);
    await answers(27_001, /Hello from dev[\s\S]*Visits: \d/)(world);
    // `node --watch` sees a file that is replaced only once.
    await replace(world, 'src/page.js', ['Visits:', 'Again:']);
    await answers(27_001, /Hello from dev[\s\S]*Again: \d/)(world);
  })
  .act('a setting', async (world) => {
    await replace(world, 'settings.json', ['"dev"', '"here"']);
    await answers(27_001, /Hello from here[\s\S]*Again: \d/)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130), expect.state('redis', 'running'))
  .test();

function make(world: World): void {
  const { status, stderr } = spawnSync('make', ['-s'], { cwd: world.directory, encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 0, stderr);
}

scenario('samples/dev-compiled: what the compiler made runs in the container')
  .images('busybox')
  .act('the sample with a port of its own', takes('dev-compiled', 27_002))
  .act('a first build', make)
  .start('watch', ['watch'], answers(27_002, /^Hello from C\n$/))
  .act('an edit and a build', async (world) => {
    await replace(world, 'src/server.c', ['Hello from C', 'Hello again']);
    make(world);
    await answers(27_002, /^Hello again\n$/)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130))
  .test();

test.run();

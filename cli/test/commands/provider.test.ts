import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  db: {provider: {type: cloud, options: {size: "5"}}}
  web: {image: nginx, depends_on: [db]}
`;

test('a provider runs before what depends on it, and its variables count for recreation', async () => {
  let url = 'one';
  const engine = memoryEngine({ images: ['nginx'], providers: () => [{ name: 'URL', value: url, raw: false }] });
  await using app = await cli(engine, compose);
  assert.match((await app.run('plan')).stdout, /provider cloud of db up, requested\n/);
  assert.equal(engine.calls.length, 0);

  const first = await app.run('--progress', 'plain', 'up', '-d');
  assert.is(first.status, 0, first.stderr);
  assert.match(first.stderr, ' db Creating \n db up \n db Created \n');
  assert.equal(engine.calls.map((one) => `${one.name} ${one.subject}`).slice(0, 2), [
    'runProvider up db',
    'createNetwork app_default',
  ]);
  assert.match((await app.run('ps', '-a')).stdout, /^NAME[^\n]*\napp-web-1[^\n]*\n$/);

  assert.match((await app.run('up', '-d')).stderr, 'Nothing to do');
  url = 'two';
  assert.match((await app.run('up', '-d')).stderr, 'Container app-web-1 Recreated');

  await app.run('stop');
  const down = await app.run('down');
  assert.match(down.stderr, ' db Removed ');
  const runs = engine.calls.filter((one) => one.name === 'runProvider').map((one) => one.subject);
  assert.equal(runs, ['up db', 'up db', 'up db', 'stop db', 'down db']);
});

test.run();

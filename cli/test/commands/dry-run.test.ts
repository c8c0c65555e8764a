import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { commandLoaders } from '../../commands/index.ts';
import { cli } from './harness.ts';

/** Commands that make a plan, or look at --dry-run themselves. */
const planning = [
  ...[
    'build',
    'create',
    'disable',
    'doctor',
    'down',
    'enable',
    'image pull',
    'image push',
    'kill',
    'pause',
    'plan',
    'pull',
    'push',
  ],
  ...['restart', 'rm', 'run', 'scale', 'start', 'stop', 'system prune', 'unpause', 'up', 'wait', 'watch'],
];

/** Commands that change nothing. */
const reading = [
  ...[
    'attach',
    'builder ls',
    'completion',
    'config',
    'events',
    'exposure',
    'image history',
    'image inspect',
    'image ls',
    'images',
  ],
  ...['inspect', 'logs', 'ls', 'port', 'ps', 'stats', 'system df', 'top', 'version', 'viz', 'volume export', 'volumes', 'why'],
];

test('every command plans, reads, or refuses --dry-run', async () => {
  const refusing: string[] = [];
  for (const [name, load] of Object.entries(commandLoaders)) if ((await load()).changesAtOnce === true) refusing.push(name);
  assert.equal([...planning, ...reading, ...refusing].sort(), Object.keys(commandLoaders).sort());
  assert.ok(refusing.includes('volume import') && refusing.includes('image rm') && refusing.includes('login'));
});

test('what changes something at once is refused with --dry-run, and changes nothing', async () => {
  const engine = memoryEngine({ images: ['one:1'] });
  await using app = await cli(engine, 'services: { web: { image: "one:1" } }\n');
  for (const argv of [
    ['--dry-run', 'image', 'tag', 'one:1', 'two:2'],
    ['image', 'rm', '--dry-run', 'one:1'],
    ['--dry-run', 'logout', 'registry.lan'],
  ]) {
    const { status, stderr } = await app.run(...argv);
    assert.is(status, 1);
    assert.match(stderr, /cli\.no-dry-run/, argv.join(' '));
  }
  assert.equal(
    (await engine.listImages()).flatMap((image) => image.references),
    ['docker.io/library/one:1'],
  );
});

test.run();

// timeout: 60s
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import type { Told } from '#core/watch/file-event.ts';
import type { Host } from '../../host.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: nginx
    develop: { watch: [{ path: ./src, action: sync+restart, target: /app }] }
  db: { image: postgres }
`;
const images = ['nginx', 'postgres'];

/** A watcher that is ready and tells of one saved file; the definition's files rest. */
const savesOnce: Host['watchFiles'] = async function* ({ roots, signal }): AsyncGenerator<Told> {
  const isSource = roots.some((root) => root.path.endsWith('/src'));
  yield { events: [], notices: [{ type: 'ready', directories: 1, files: 1 }] };
  if (isSource) yield { events: [{ root: 0, kind: 'written', path: 'a.js' }], notices: [] };
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
};

async function until(holds: () => boolean, text = () => ''): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 20_000) throw new Error(`waited twenty seconds in vain\n${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a saved file goes into the container, which is restarted', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose, { watchFiles: savesOnce });
  const watch = app.start('watch');
  await until(() => watch.text().includes('service(s) ["web"] restarted'));
  watch.interrupt();
  const { status, stderr } = await watch.outcome;
  assert.is(status, 130);
  assert.match(stderr, /Watch enabled: 1 directory and 1 file for web\n/);
  assert.match(stderr, /Syncing service "web" after 1 changes were detected: 1 written, 1B in \d+ ms\n/);
  assert.match(stderr, /Watch disabled\n$/);
  assert.ok(engine.calls.some((call) => call.name === 'openSync' && call.subject === 'app-web-1:/app/a.js'));
});

test('files are watched before anything is started, and a definition that changed meanwhile is applied', async () => {
  const engine = memoryEngine({ images });
  const startsAtOpening: boolean[] = [];
  const watchFiles: Host['watchFiles'] = (request) => {
    const source = request.roots.find((root) => root.path.endsWith('/src'));
    if (source !== undefined) {
      startsAtOpening.push(engine.calls.some((call) => call.name === 'startContainer'));
      const changed = compose.replace('image: postgres', 'image: postgres, environment: { A: b }');
      writeFileSync(join(source.path, '../compose.yaml'), changed);
    }
    return savesOnce(request);
  };
  await using app = await cli(engine, compose, { watchFiles });
  const watch = app.start('watch', '--auto-apply');
  await until(() => watch.text().includes('Changes to "app" applied'), watch.text);
  watch.interrupt();
  assert.is((await watch.outcome).status, 130);
  assert.equal(startsAtOpening, [false]);
});

test('without rules, and with rules that cannot be, it says so before anything starts', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose);
  const none = await app.run('watch', 'db');
  assert.is(none.status, 1);
  assert.match(none.stderr, /watch\.nothing/);
  await app.write('compose.yaml', compose.replace('sync+restart', 'rebuild'));
  const build = await app.run('watch');
  assert.match(build.stderr, /watch\.needs-build/);
  assert.equal(await engine.listContainers(), []);
});

test('at a terminal there are rows and keys: restart, logs of one, quit', async () => {
  const engine = memoryEngine({ images });
  await using app = await cli(engine, compose, { stdinIsTerminal: true, stdin: 'lr' });
  const watch = app.start('--progress', 'tty', 'watch');
  await until(() => /restarted in [\d.]+ s/.test(watch.text()));
  assert.match(watch.text(), /⦿ web {2}running/);
  assert.match(watch.text(), /· db {3}running/);
  assert.match(watch.text(), /l logs: db/);
  watch.interrupt();
  assert.is((await watch.outcome).status, 130);
  await using other = await cli(engine, compose, { stdinIsTerminal: true, stdin: 'q' });
  assert.is((await other.run('--progress', 'tty', 'watch', '--no-up')).status, 0);
});

test.run();

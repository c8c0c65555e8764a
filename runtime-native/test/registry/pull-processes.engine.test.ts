// timeout: 300s
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestStore } from '../images/test-store.ts';
import type { DisturbingProxy, Exchange } from './disturbing-proxy.ts';
import { registryScene } from './registry-scene.ts';

const root = join(import.meta.dirname, '../../..');
const sizeBytes = 3_000_000;
const patienceMs = 60_000;

const scene = await registryScene(sizeBytes);
const { proxied, isLayer } = scene;
const layerRequests = (proxy: DisturbingProxy): readonly Exchange[] => proxy.exchanges.filter(isLayer);

/** `tscompose image pull` with a state of its own. */
function pull(
  state: string,
  host: string,
): { readonly child: ChildProcess; readonly ended: Promise<{ code: number | null; words: string }> } {
  const child = spawn(join(root, 'bin/tscompose'), ['image', 'pull', `${host}/team/app:1`], {
    env: { ...process.env, TSCOMPOSE_ROOT: state, TSCOMPOSE_CONFIG: join(state, 'config.json'), DOCKER_CONFIG: state },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (words += chunk));
  const ended = new Promise<{ code: number | null; words: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, words })),
  );
  return { child, ended };
}

function temporaryState(): Disposable & { readonly path: string } {
  const path = mkdtempSync('/tmp/tsc-pull-');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function downloadedBytes(state: string): number {
  try {
    const directory = join(state, 'downloads');
    return Math.max(0, ...readdirSync(directory).map((name) => statSync(join(directory, name)).size));
  } catch {
    return 0; // not made yet
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMs; !condition(); await sleep(10)) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
  }
}

test('a pull that was killed goes on where it ended', async () => {
  using state = temporaryState();
  let isSlow = true;
  await using proxy = await proxied((exchange) => (isSlow && isLayer(exchange) ? { slowness: 20_000 } : {}));
  const first = pull(state.path, proxy.host);
  await until('a part of the layer', () => downloadedBytes(state.path) > 100_000);
  first.child.kill('SIGKILL');
  await first.ended;
  const begun = downloadedBytes(state.path);
  assert.ok(begun > 100_000 && begun < sizeBytes, String(begun));
  isSlow = false;
  const second = await pull(state.path, proxy.host).ended;
  assert.is(second.code, 0, second.words);
  assert.is(layerRequests(proxy).at(-1)?.headers.range, `bytes=${begun}-`);
  assert.equal(readdirSync(join(state.path, 'downloads')), []);
});

test('two processes that want one layer fetch it once', async () => {
  using state = temporaryState();
  await using proxy = await proxied((exchange) => (isLayer(exchange) ? { slowness: 300_000 } : {}));
  const outcomes = await Promise.all([pull(state.path, proxy.host).ended, pull(state.path, proxy.host).ended]);
  for (const { code, words } of outcomes) assert.is(code, 0, words);
  assert.is(layerRequests(proxy).length, 1);
});

test('when one of them is killed the other takes over', async () => {
  using state = temporaryState();
  // So slow that it cannot end before it is killed, on a busy machine either.
  let slowness = 5000;
  await using proxy = await proxied((exchange) => (isLayer(exchange) ? { slowness } : {}));
  const first = pull(state.path, proxy.host);
  await until('a part of the layer', () => downloadedBytes(state.path) > 0);
  const second = pull(state.path, proxy.host);
  await until('the second one asks', () => proxy.exchanges.filter(({ url }) => url.includes('/manifests/')).length >= 2);
  slowness = 10_000_000;
  first.child.kill('SIGKILL');
  const { code, words } = await second.ended;
  assert.is(code, 0, words);
  assert.match(layerRequests(proxy).at(-1)?.headers.range ?? '', /^bytes=[1-9]/);
});

test('two pulls in one process share a layer too', async () => {
  await using proxy = await proxied((exchange) => (isLayer(exchange) ? { slowness: 500_000 } : {}));
  await using target = openTestStore();
  const names = [`${proxy.host}/team/app:1`, `${proxy.host}/team/app@${scene.image.digest}`];
  const images = await Promise.all(names.map((name) => target.store.pull(name, {}, () => {})));
  assert.is(images[0]?.id, images[1]?.id);
  assert.is(layerRequests(proxy).length, 1);
});

test.run();

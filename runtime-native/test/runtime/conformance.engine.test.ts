// timeout: 120s
import { mkdtempSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import { type ConformanceFixtures, engineConformance } from '#core/engine/conformance.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Service } from '#core/model/project.ts';
import { openNativeEngine } from '#runtime/native-engine.ts';
import { ensureImages } from '#tools/images/build-images.ts';
import { busybox } from '../engine-fixture.ts';

// A shell with a trap: as process 1, `sleep` would ignore SIGTERM.
const sleeping: Service = { command: ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'], entrypoint: null };
const checked = (test: string): Service => ({
  ...sleeping,
  healthcheck: { test: ['CMD-SHELL', test], interval: '100ms', timeout: '5s', retries: 2 },
});

const fixtures: ConformanceFixtures = {
  image: busybox,
  sleeping,
  exiting: { ...sleeping, command: ['sh', '-c', 'exit 3'] },
  healthy: checked('true'),
  unhealthy: checked('false'),
  unstartable: { ...sleeping, command: ['/no/such/program'] },
  hello: ['echo', 'hello'],
  failing: ['sh', '-c', 'exit 7'],
};

engineConformance(test, newEngine, fixtures);

/** An engine on a state root of its own, which goes with it. */
async function newEngine(): Promise<Engine> {
  const root = mkdtempSync('/tmp/tsce-');
  const env = { ...process.env, TSCOMPOSE_ROOT: root };
  await ensureImages(['busybox'], { env, log: () => {} });
  const engine = await openNativeEngine({ env, onNotice: () => {} });
  return new Proxy(engine, {
    get: (target, key) => (key === Symbol.asyncDispose ? () => dispose(engine, root) : Reflect.get(target, key)),
  });
}

async function dispose(engine: Engine, root: string): Promise<void> {
  await engine[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
}

test.run();

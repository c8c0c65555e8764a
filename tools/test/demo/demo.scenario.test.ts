// timeout: 5m
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '#tools/process/run-command.ts';
import { skipFile } from '#tools/testing/skip.ts';

if (process.getuid?.() !== 0) skipFile('needs root');

const root = join(import.meta.dirname, '../../..');

/** The demonstration with a state root and a port of its own; whatever is left is taken down at the end. */
async function stage() {
  const state = mkdtempSync('/tmp/tsd-');
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const env = { ...process.env, TSCOMPOSE_ROOT: state, GUESTBOOK_PORT: String(port) };
  const demo = (...args: readonly string[]) =>
    runCommand({ argv: [process.execPath, 'tools/demo.ts', ...args], cwd: root, env, timeoutMs: 200_000 });
  return {
    port,
    demo,
    containers: (): readonly string[] => (existsSync(join(state, 'containers')) ? readdirSync(join(state, 'containers')) : []),
    async freePort(): Promise<void> {
      holder.close();
      await once(holder, 'close');
    },
    async [Symbol.asyncDispose]() {
      if (holder.listening) holder.close();
      await demo('down', '-v');
      rmSync(state, { recursive: true, force: true });
    },
  };
}

test('the demonstration works twice and comes down', async () => {
  await using place = await stage();
  await place.freePort();
  for (const time of ['first', 'second']) {
    const { exitCode, output, stdout } = await place.demo();
    assert.is(exitCode, 0, `${time} time: ${output}`);
    assert.match(output, /read back: "Written by the demonstration/);
    assert.match(stdout, new RegExp(`open http://localhost:${place.port}`));
  }
  assert.is(place.containers().length, 3);
  const page = await fetch(`http://127.0.0.1:${place.port}/entries.json`);
  const { entries } = (await page.json()) as { entries: readonly unknown[] };
  assert.is(entries.length, 2, 'both runs wrote their entry');
  const down = await place.demo('down', '-v');
  assert.is(down.exitCode, 0, down.output);
  assert.equal(place.containers(), []);
});

test('when the port is taken it says so and leaves nothing', async () => {
  await using place = await stage();
  const { exitCode, output } = await place.demo();
  assert.is(exitCode, 1, output);
  assert.match(output, new RegExp(`${place.port}`));
  assert.match(output, /the demonstration failed/);
  assert.equal(place.containers(), []);
});

test.run();

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { watchDirectories } from '#runtime/supervisor-client/file-changes.ts';

const longMs = 60_000;

test('a change wakes the waiter, also one that came before it waited', async () => {
  using directory = scratch();
  using changes = watchDirectories([directory.path]);
  writeFileSync(join(directory.path, 'one'), '');
  await changes.next(longMs);
});

test('aborting wakes the waiter', async () => {
  using directory = scratch();
  const controller = new AbortController();
  using changes = watchDirectories([directory.path], controller.signal);
  const waiting = changes.next(longMs);
  controller.abort();
  await waiting;
});

test('a process that aborts its watch can end, though nobody disposes of it', () => {
  using directory = scratch();
  const script = `
    import { watchDirectories } from '#runtime/supervisor-client/file-changes.ts';
    const controller = new AbortController();
    watchDirectories([${JSON.stringify(directory.path)}], controller.signal);
    controller.abort();`;
  const { signal, status } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    cwd: import.meta.dirname,
    timeout: 5_000,
  });
  assert.equal({ signal, status }, { signal: null, status: 0 });
});

function scratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tscw-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test.run();

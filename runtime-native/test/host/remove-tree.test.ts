import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { removeTree } from '#runtime/host/remove-tree.ts';

const files = 1_000;

test('a directory goes although somebody else removes its files meanwhile', async () => {
  const home = mkdtempSync('/tmp/tscrt-');
  for (let index = 0; index < files; index++) writeFileSync(`${home}/f${index}`, '');
  const other = spawn('/bin/sh', ['-c', 'ls -r | xargs -n 100 rm -f'], { cwd: home, timeout: 50_000, stdio: 'ignore' });
  const ended = new Promise((resolve) => other.on('close', resolve));
  while (readdirSync(home).length === files) await new Promise((resolve) => setImmediate(resolve));
  removeTree(home);
  const isLeft = existsSync(home);
  await ended;
  rmSync(home, { recursive: true, force: true });
  assert.not(isLeft);
  removeTree(home);
});

test.run();

import { spawn } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('starts a process and forgets it', () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  child.unref();
  assert.type(child.pid, 'number');
});
test.run();

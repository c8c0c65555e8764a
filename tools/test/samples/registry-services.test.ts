// timeout: 120s
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { runCommand } from '#tools/process/run-command.ts';
import { skipFile } from '#tools/testing/skip.ts';

if (findProgram('python3') === undefined) skipFile('needs python3');

test("the registry's services pass their own tests", async () => {
  const cwd = join(import.meta.dirname, '../../../samples/registry/services');
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const { exitCode, output } = await runCommand({ argv: ['python3', '-m', 'unittest'], cwd, env, timeoutMs: 100_000 });
  assert.is(exitCode, 0, output);
  assert.match(output, /Ran [1-9]\d+ tests/);
});

test.run();

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasEmulator } from '#runtime/host/emulators.ts';

/** What Debian's qemu-user-static registers for arm64. */
const handler = `enabled
interpreter /usr/bin/qemu-aarch64-static
flags: OCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;

for (const [what, text, status, expected] of [
  ['a handler', handler, 'enabled\n', true],
  ['all handlers switched off', handler, 'disabled\n', false],
  ['this one switched off', handler.replace('enabled', 'disabled'), 'enabled\n', false],
  ['one whose interpreter is looked for in the container', handler.replace('OCF', 'OC'), 'enabled\n', false],
  ['one of another architecture', handler.replace('b700', '2800'), 'enabled\n', false],
  ['one for file name extensions', 'enabled\ninterpreter /usr/bin/java\nflags: F\nextension .jar\n', 'enabled\n', false],
] as const) {
  test(what, () => {
    const directory = mkdtempSync('/tmp/tsc-binfmt-');
    try {
      writeFileSync(join(directory, 'status'), status);
      writeFileSync(join(directory, 'register'), '');
      writeFileSync(join(directory, 'one'), text);
      assert.is(hasEmulator('arm64', directory), expected);
      assert.not.ok(hasEmulator('riscv64', directory));
      assert.not.ok(hasEmulator('pdp11', directory));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

test('nothing is mounted', () => assert.not.ok(hasEmulator('arm64', '/nowhere')));

test.run();

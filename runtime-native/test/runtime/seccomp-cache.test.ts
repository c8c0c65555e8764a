import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seccompCache } from '#runtime/runtime/seccomp-cache.ts';

const filter = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'], syscalls: [] } as const;
const program = Buffer.alloc(24, 7);

/** A runtime that has compiled one filter for container `a`. */
function world() {
  const path = mkdtempSync(join(tmpdir(), 'tsc-seccomp-'));
  const [runtime, runtimeRoot, directory] = [join(path, 'crun'), join(path, 'root'), join(path, 'cache')];
  writeFileSync(runtime, 'crun');
  mkdirSync(join(runtimeRoot, 'a'), { recursive: true });
  writeFileSync(join(runtimeRoot, 'a', 'seccomp.bpf'), program);
  return {
    runtime,
    runtimeRoot,
    directory,
    open: () => seccompCache({ runtime, runtimeRoot, directory }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

test('what a runtime compiled once is found by the next command', () => {
  using place = world();
  assert.is(place.open().find(filter), undefined);
  place.open().keep(filter, 'a');
  assert.is(place.open().find(filter), program.toString('base64'));
});

test('another profile and another runtime do not get it', () => {
  using place = world();
  place.open().keep(filter, 'a');
  assert.is(place.open().find({ ...filter, defaultAction: 'SCMP_ACT_KILL' }), undefined);
  appendFileSync(place.runtime, ' of another version');
  assert.is(place.open().find(filter), undefined);
});

test('a damaged or cut file is not used', () => {
  using place = world();
  place.open().keep(filter, 'a');
  const [name = ''] = readdirSync(place.directory);
  const file = join(place.directory, name);
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length - 8));
  assert.is(place.open().find(filter), undefined);
  writeFileSync(file, Buffer.concat([whole.subarray(0, -1), Buffer.from([8])]));
  assert.is(place.open().find(filter), undefined);
});

test('a container that has ended, or a program of broken length, leaves nothing', () => {
  using place = world();
  place.open().keep(filter, 'gone');
  writeFileSync(join(place.runtimeRoot, 'a', 'seccomp.bpf'), program.subarray(0, 9));
  place.open().keep(filter, 'a');
  assert.is(place.open().find(filter), undefined);
});

test.run();

// timeout: 300s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture } from '../engine-fixture.ts';
import type { Confinement } from './confinement.ts';
import type { RecordedConfinement } from './dockers-confinement.ts';
import { importProbe, probeContainer } from './probed-container.ts';
import { weaknesses } from './weaknesses.ts';

/** Docker's defaults, recorded by `bin/node runtime-native/test/security/dockers-confinement.ts`. */
const recorded: RecordedConfinement = JSON.parse(readFileSync(join(import.meta.dirname, 'docker-defaults.json'), 'utf8'));

/** System calls have other numbers elsewhere; their names hold. */
const docker: Confinement =
  recorded.architecture === process.arch
    ? recorded
    : { ...recorded, calls: Object.fromEntries(Object.entries(recorded.calls).filter(([name]) => /\D/.test(name))) };

test('a container with nothing but defaults is held at least as strictly as by docker run', async () => {
  await using fixture = await engineFixture();
  const image = await importProbe(fixture);
  for (const runtime of ['crun', 'runc']) {
    const { first, added } = await probeContainer(fixture, { image, runtime });
    assert.equal(weaknesses(first, docker), [], runtime);
    assert.equal(weaknesses(added, docker), [], `${runtime}, exec`);
  }
});

test('the comparison sees a container with fewer walls', async () => {
  await using fixture = await engineFixture();
  const image = await importProbe(fixture);
  const weak = { cap_add: ['NET_ADMIN'], security_opt: ['seccomp=unconfined', 'systempaths=unconfined'], tmpfs: ['/more'] };
  const { first, added } = await probeContainer(fixture, { image, runtime: 'crun', service: weak });
  for (const found of [weaknesses(first, docker), weaknesses(added, docker)]) {
    const text = found.join('\n');
    assert.match(text, /^CapBnd has 1000 more$/m);
    assert.match(text, /^Seccomp is 0, not 2$/m);
    assert.match(text, /^\/proc\/(timer_list|keys) can be read$/m);
    assert.match(text, /^\/proc\/sys\/kernel\/core_pattern can be written$/m);
    assert.match(text, /^\/more is a mount \(tmpfs\)$/m);
    assert.match(text, /^system call unshare-newuser comes through \(0\)$/m);
  }
});

test.run();

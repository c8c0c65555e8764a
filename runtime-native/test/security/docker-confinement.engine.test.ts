// timeout: 300s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { engineFixture } from '../engine-fixture.ts';
import { dockersConfinement } from './dockers-confinement.ts';
import { importProbe, probeContainer } from './probed-container.ts';
import { weaknesses } from './weaknesses.ts';

for (const program of ['dockerd', 'docker']) if (findProgram(program) === undefined) skipFile('needs dockerd');

test('on this machine, a container is held at least as strictly as by docker run', async () => {
  const { defaults } = await dockersConfinement();
  await using fixture = await engineFixture();
  const image = await importProbe(fixture);
  for (const runtime of ['crun', 'runc']) {
    const { first, added } = await probeContainer(fixture, { image, runtime });
    assert.equal(weaknesses(first, defaults), [], runtime);
    assert.equal(weaknesses(added, defaults), [], `${runtime}, exec`);
  }
});

test.run();

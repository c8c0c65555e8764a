// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { compareBuilds } from '#tools/compare-builds.ts';
import { skipFile } from '#tools/testing/skip.ts';

for (const program of ['dockerd', 'docker']) if (findProgram(program) === undefined) skipFile('needs dockerd');

/** Some of each kind; `bin/node tools/compare-builds.ts` takes all. */
const some = ['ARG: default', 'LABEL, EXPOSE', 'RUN --mount: bind', 'COPY --from keeps times', 'hard links, set-id bits'];

test('Docker makes the same files, configuration and history of a Dockerfile', async () => {
  const all = await compareBuilds({ only: some, report: () => {} });
  assert.equal(
    all.filter((one) => one.verdict === 'different'),
    [],
  );
  assert.ok(all.some((one) => one.verdict === 'same'));
});

test.run();

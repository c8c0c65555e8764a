// timeout: 60s
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { declaredTimeoutMs, runTestFile } from '#tools/testing/run-test-file.ts';

const root = join(import.meta.dirname, '../../..');
const run = (sample: string) => runTestFile({ root, path: `tools/test/testing/samples/${sample}.ts` });

/** Every sample that must not pass, with the words that say why. The first four are those that uvu itself calls a success. */
const caught: readonly (readonly [sample: string, reason: RegExp])[] = [
  ['throwing-before', /a hook threw/],
  ['throwing-after-each', /a hook threw/],
  ['missing-run', /is test\.run\(\) missing/],
  ['only', /left out tests \(1\)/],
  ['bare-skip', /left out tests \(1\)/],
  ['hanging', /did not end within 1 s/],
  ['lost-promise', /before its tests were done/],
  ['exits', /before its tests were done/],
  ['leaves-process', /left processes running: sleep/],
  ['no-tests', /ran no test/],
  ['late-test', /does not end with test\.run/],
];

for (const [sample, reason] of caught) {
  test(`${sample} fails and says why`, async () => {
    const result = await run(sample);
    assert.ok(result.failed > 0, `${sample} was not counted as failed`);
    assert.match(result.problems.join('\n'), reason);
  });
}

test('the four samples are successes for uvu itself', async () => {
  const { spawnSync } = await import('node:child_process');
  for (const sample of ['throwing-before', 'throwing-after-each', 'missing-run', 'only']) {
    const { status } = spawnSync(process.execPath, [`tools/test/testing/samples/${sample}.ts`], { cwd: root });
    assert.is(status, 0, `${sample}: uvu has learned to see this; the sample no longer proves anything`);
  }
});

test('a passing file counts its tests', async () => {
  const result = await run('passing');
  assert.equal([result.passed, result.failed, result.problems], [2, 0, []]);
});

test('a failing file counts both', async () => {
  const result = await run('failing');
  assert.equal([result.passed, result.failed], [1, 1]);
});

test('a skipped file is one skip with its reason', async () => {
  const result = await run('skipped-file');
  assert.equal([result.passed, result.failed, result.skips], [0, 0, ['needs a miracle']]);
});

test('a declared time-out is read from the first lines', () => {
  assert.is(declaredTimeoutMs('// timeout: 60s\n'), 60_000);
  assert.is(declaredTimeoutMs('import 1;\n// timeout: 2m\n'), 120_000);
  assert.is(declaredTimeoutMs(`${'\n'.repeat(20)}// timeout: 60s\n`), 60_000);
});

test.run();

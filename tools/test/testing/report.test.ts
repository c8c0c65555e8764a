import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refuseUnlistedSkips, runReport, totalsLine, totalsOf } from '#tools/testing/report.ts';

const run = { name: 'a.test.ts', output: 'boom\n', elapsedMs: 1234, passed: 2, failed: 0, skips: [], problems: [] };

test('strict runs turn an unlisted skip into a failure', () => {
  const judged = refuseUnlistedSkips({ ...run, skips: ['because', 'needs dockerd'] });
  assert.equal([judged.failed, judged.skips], [1, ['needs dockerd']]);
  assert.match(judged.problems.join(), /because/);
});

test('a failing run shows its problems and output, a passing one a line', () => {
  assert.is(runReport(run), 'ok   a.test.ts (2 passed, 1.2 s)\n');
  const text = runReport({ ...run, failed: 1, problems: ['hangs'] });
  assert.is(text, 'FAIL a.test.ts (1 of 3 failed, 1.2 s)\n     hangs\n  | boom\n');
  assert.is(runReport({ ...run, failed: 1, output: '' }), 'FAIL a.test.ts (1 of 3 failed, 1.2 s)\n');
});

test('the totals line has one shape', () => {
  assert.is(totalsLine(totalsOf([run, { ...run, failed: 1, skips: ['x'] }])), '4 passed, 1 failed, 1 skipped\n');
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFunctions } from '#tools/checks/check-functions.ts';
import { checkNames } from '#tools/checks/check-names.ts';
import { checkSizes } from '#tools/checks/check-sizes.ts';
import { checkTestSources } from '#tools/checks/check-test-sources.ts';

const lines = (count: number, head = '') => ({ path: 'core/a.ts', text: head + 'x;\n'.repeat(count) });

test('a file above 300 lines is a note, above 500 a problem unless it says why', () => {
  assert.equal(checkSizes([lines(300)]).warnings, []);
  assert.equal(checkSizes([lines(301)]).warnings, ['core/a.ts has 301 lines']);
  assert.is(checkSizes([lines(501)]).problems.length, 1);
  assert.is(checkSizes([lines(501, '// long file: a table\n')]).problems.length, 0);
});

test('drawer names, camel case and TODOs without an issue are refused', () => {
  const problems = (path: string, text = '') => checkNames([{ path, text }]).problems.length;
  assert.equal(
    ['core/utils.ts', 'core/planUp.ts', 'core/plan-up.ts', 'core/load/02-merge.pass.ts', 'a/src/err.c'].map((path) =>
      problems(path),
    ),
    [1, 1, 0, 0, 0],
  );
  assert.equal(
    ['TODO later', 'TODO (#12): later', 'the word TODO'].map((note) => problems('core/a.ts', `x; // ${note}`)),
    [1, 0, 0],
  );
});

test('a test file with .only, a hook, a suite or without run is refused', () => {
  const refused = (text: string) => checkTestSources([{ path: 'a.test.ts', text }]).problems.join('\n');
  assert.match(refused(`import { test } from 'uvu';\ntest.only('a', () => {});\ntest.run();\n`), /line 2: test\.only/);
  assert.match(refused(`import { test } from 'uvu';\ntest['skip']('a', () => {});\ntest.run();\n`), /test\.skip/);
  assert.match(refused(`import { test } from 'uvu';\ntest.before.each(() => {});\ntest.run();\n`), /test\.before/);
  assert.match(refused(`import { suite } from 'uvu';\nconst a = suite('a');\na.run();\n`), /imports suite/);
  assert.match(refused(`import { test } from 'uvu';\ntest('.only', () => {});\n`), /does not end with test\.run/);
  assert.is(refused(`import { test } from 'uvu';\ntest('.only', () => {});\ntest.run();\n`), '');
});

test('a long function and an exported one without a comment are notes', () => {
  const body = '  x();\n'.repeat(60);
  const text = `/** Says. */\nexport function a() {\n${body}}\nexport function b() {}\nfunction c() {}\n`;
  const { warnings = [] } = checkFunctions([{ path: 'core/a.ts', text }]);
  assert.match(warnings[0] ?? '', /core\/a\.ts:2 \(62\)$/);
  assert.match(warnings[1] ?? '', /core\/a\.ts:64$/);
});

test.run();

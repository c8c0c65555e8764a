import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeTap } from '#tools/testing/judge-tap.ts';

const ending = { exitCode: 0, timedOut: false, timeoutMs: 1000, leftovers: [] };
const judge = (output: string, exitCode = 0) => judgeTap({ ...ending, output, exitCode });

test('counts the points of several programs', () => {
  assert.equal(judge('cc -c a.c\n1..2\nok 1 - a\nok 2 - b\nok 1 - c\n1..1\n'), { passed: 3, failed: 0, skips: [], problems: [] });
});

test('a failing point is a failure', () => {
  assert.equal(judge('1..2\nok 1 - a\nnot ok 2 - b\n', 2), { passed: 1, failed: 1, skips: [], problems: [] });
});

test('a skip is named', () => {
  assert.equal(judge('1..2\nok 1 - a\nok 2 - b # SKIP needs root\n'), {
    passed: 1,
    failed: 0,
    skips: ['needs root'],
    problems: [],
  });
});

test('a program that dies after some points fails by its plan', () => {
  assert.match(judge('1..3\nok 1 - a\n').problems.join(), /planned 3 .* printed 1/);
});

test('a program without points fails', () => {
  assert.is(judge('all good\n').failed, 1);
});

test('a failing build fails though all points passed', () => {
  assert.match(judge('1..1\nok 1 - a\nmake: *** error\n', 2).problems.join(), /status 2/);
});

test.run();

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Dockerfiles
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ExpansionError, expandText, expandWord, expandWords } from '#core/builder/dockerfile/expand.ts';

const values: Readonly<Record<string, string>> = { A: 'a', E: '', P: '/usr/local/lib', L: 'one two' };
const lookup = (name: string): string | undefined => values[name];

// Each: a word, and what the Dockerfile frontend makes of it.
const words: readonly (readonly [string, string])[] = [
  ['$A', 'a'],
  ['${A}b', 'ab'],
  ['$AB', ''],
  ['$', '$'],
  ['$.', '$.'],
  ["'$A'", '$A'],
  ['"$A"', 'a'],
  ['\\$A', '$A'],
  ['"\\$A \\n"', '$A \\n'],
  ['a\\ b', 'a b'],
  ['${N:-x}', 'x'],
  ['${E:-x}', 'x'],
  ['${E-x}', ''],
  ['${N-$A}', 'a'],
  ['${N:-${A}}', 'a'],
  ['${A:+x}', 'x'],
  ['${E:+x}', ''],
  ['${E+x}', 'x'],
  ['${A:?no}', 'a'],
  ['${P#*/}', 'usr/local/lib'],
  ['${P##*/}', 'lib'],
  ['${P%/*}', '/usr/local'],
  ['${P%%/l*}', '/usr'],
  ['${P/l/L}', '/usr/Local/lib'],
  ['${P//l/L}', '/usr/LocaL/Lib'],
  ['${P//\\//-}', '-usr-local-lib'],
  ['${P/nothing/x}', '/usr/local/lib'],
];

for (const [word, expected] of words) {
  test(`${word} is ${JSON.stringify(expected)}`, () => {
    assert.is(expandWord(word, lookup, '\\'), expected);
  });
}

test('white space of a variable separates words only without quotes', () => {
  assert.equal(expandWords('$L "$L" x', lookup, '\\'), ['one', 'two', 'one two', 'x']);
});

test('another escape character', () => {
  assert.is(expandWord('`$A\\b', lookup, '`'), '$A\\b');
});

test('a heredoc: quotes are text', () => {
  assert.is(expandText('"$A" \'${A}\' \\$A', lookup, '\\'), '"a" \'a\' $A');
});

for (const word of ['${A', '${', '"open', "'open", '${A!x}', '${N:?must be set}', '${A:-${A}']) {
  test(`${word} cannot be expanded`, () => {
    assert.throws(
      () => expandWord(word, lookup, '\\'),
      (error: unknown) => error instanceof ExpansionError,
    );
  });
}

test.run();

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cleanPatterns, compilePattern, parseIgnoreFile, patternMatcher } from '#core/watch/pattern.ts';

const shared = join(import.meta.dirname, '../../../runtime-native/supervisor/test/patterns.txt');

test('patterns mean what the native watcher takes them for', () => {
  const lines = readFileSync(shared, 'utf8').split('\n');
  const cases = lines.filter((line) => line !== '' && !line.startsWith('# ')).map((line) => line.split(' '));
  assert.ok(cases.length > 50);
  for (const [pattern = '', path = '', answer] of cases)
    assert.is(compilePattern(pattern)(path), answer === 'yes', `${pattern} ${path}`);
});

test('an ignore file is cleaned: comments, blanks, slashes, dots', () => {
  const text = '\uFEFF# comment\n\n/a/\n ./b//c \n!d/../e\n!\n..\r\n*.log\r\n';
  assert.equal(parseIgnoreFile(text), ['a', 'b/c', '!e', '*.log']);
  assert.equal(cleanPatterns(['node_modules/', '.']), ['node_modules']);
});

test('the last pattern that fits decides, and directories take along what is in them', () => {
  const isNamed = patternMatcher(['src', '!src/vendor', 'src/vendor/own', '**/*.md']);
  const named = ['src', 'src/a', 'src/vendor', 'src/vendor/x', 'src/vendor/own/y', 'lib', 'lib/a.md', 'lib/a.md/b'].filter(
    isNamed,
  );
  assert.equal(named, ['src', 'src/a', 'src/vendor/own/y', 'lib/a.md', 'lib/a.md/b']);
});

test.run();

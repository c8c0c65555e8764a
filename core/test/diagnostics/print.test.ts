import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printDiagnostic, visible } from '#core/diagnostics/print.ts';
import type { SourceFile } from '#core/source/span.ts';

const file: SourceFile = {
  name: 'compose.yaml',
  path: '/p/compose.yaml',
  text: 'services:\n  web:\n    portz: [80]\n\tx: \u001b[31m\n',
};

test('place, snippet with caret, hint and related places', () => {
  const start = file.text.indexOf('portz');
  const text = printDiagnostic(
    {
      code: 'load.schema',
      severity: 'error',
      message: 'services.web has the unknown attribute "portz"',
      hint: 'did you mean "ports"?',
      at: { file, start, end: start + 5 },
      related: [{ at: { file, start: 12, end: 15 }, label: 'in this service' }],
    },
    { color: false },
  );
  assert.fixture(
    text,
    `compose.yaml:3:5: error: services.web has the unknown attribute "portz" [load.schema]
  3 |     portz: [80]
    |     ^^^^^
  hint: did you mean "ports"?
  compose.yaml:2:3: in this service
  2 |   web:
    |   ^^^`,
  );
});

test('without a place there is one line', () => {
  const text = printDiagnostic({ code: 'load.empty', severity: 'warning', message: 'empty' }, { color: false });
  assert.is(text, 'warning: empty [load.empty]');
});

test('colour wraps the parts', () => {
  const text = printDiagnostic({ code: 'c', severity: 'error', message: 'm' }, { color: true });
  assert.is(text, '\u001b[1;31merror\u001b[0m: m \u001b[2m[c]\u001b[0m');
});

test('foreign control characters never reach the terminal', () => {
  const start = file.text.indexOf('x:');
  const text = printDiagnostic(
    { code: 'c', severity: 'error', message: 'bad "\u001b[31m\u0007\u202e"', at: { file, start, end: start + 30 } },
    { color: false },
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  assert.not.match(text, /[\u001b\u0007\u202e]/);
  assert.match(text, /bad "\\x1b\[31m\\x07\\u202e"/);
  assert.is(visible('a\nb'), 'a b');
});

test('a very long line is shown around the place', () => {
  const long: SourceFile = { name: 'f', path: undefined, text: `${'a'.repeat(500)}X${'b'.repeat(500)}` };
  const text = printDiagnostic(
    { code: 'c', severity: 'error', message: 'm', at: { file: long, start: 500, end: 501 } },
    { color: false },
  );
  const [, line = '', caret = ''] = text.split('\n');
  assert.ok(line.length < 200);
  assert.is(line[caret.indexOf('^')], 'X');
});

test('a place at the end of the text is no problem', () => {
  const text = printDiagnostic(
    { code: 'c', severity: 'error', message: 'm', at: { file, start: file.text.length, end: file.text.length } },
    { color: false },
  );
  assert.match(text, /^compose.yaml:5:1: error: m \[c\]$/);
});

test.run();

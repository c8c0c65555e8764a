// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EnvFileProblem, parseDotenv, parseRawEnv } from '#core/load/dotenv.ts';

function parse(text: string, environment: Readonly<Record<string, string>> = {}) {
  const result = parseDotenv(text, { lookup: (name) => environment[name] });
  return result instanceof Map ? Object.fromEntries(result) : result;
}

function problem(text: string): string {
  const result = parse(text) as EnvFileProblem;
  return result.kind === 'syntax' ? `${result.line}: ${result.message}` : `${result.line}: ${result.problem.kind}`;
}

const single: readonly [text: string, key: string, value: string][] = [
  ['FOO=bar', 'FOO', 'bar'],
  ['FOO =bar', 'FOO', 'bar'],
  ['FOO= bar', 'FOO', 'bar'],
  [' KEY =value', 'KEY', 'value'],
  ['\tKEY=value', 'KEY', 'value'],
  ['OPTION_A: 1', 'OPTION_A', '1'],
  ['OPTION_A: Foo=bar', 'OPTION_A', 'Foo=bar'],
  ['OPTION_A=1:B', 'OPTION_A', '1:B'],
  ['export OPTION_A=2', 'OPTION_A', '2'],
  ['export\tOPTION_A=2', 'OPTION_A', '2'],
  ['   export OPTION_A=2', 'OPTION_A', '2'],
  ['exportFOO=2', 'exportFOO', '2'],
  ['export_FOO =2', 'export_FOO', '2'],
  ['export.FOO= 2', 'export.FOO', '2'],
  ['export=1', 'export', '1'],
  ['export OPTION_A="export A"', 'OPTION_A', 'export A'],
  ['FOO="bar\\nbaz"', 'FOO', 'bar\nbaz'],
  ['FOO=a\\tb', 'FOO', 'a\\tb'],
  ["export B='\\n'", 'B', '\\n'],
  ['A="Z\\aZ\\bZ\\fZ\\nZ\\rZ\\tZ\\vZ\\\\Z\\0123Z"', 'A', 'Z\u0007Z\bZ\fZ\nZ\rZ\tZ\vZ\\ZSZ'],
  ['A="\\x07"', 'A', '\\x07'],
  ['A="\\u12e4"', 'A', '\\u12e4'],
  ['A="\\q\\c"', 'A', '\\q\\c'],
  ['FOO=foobar=', 'FOO', 'foobar='],
  ['FOO=bar ', 'FOO', 'bar'],
  ['FOO=bar # c', 'FOO', 'bar'],
  ['FOO=bar #c', 'FOO', 'bar'],
  ['FOO=bar #', 'FOO', 'bar'],
  ['FOO=123#not', 'FOO', '123#not'],
  ['A=#c', 'A', '#c'],
  ['A=b\t#c', 'A', 'b\t#c'],
  ['FOO="bar#baz"#', 'FOO', 'bar#baz'],
  ["FOO='bar#baz' # c", 'FOO', 'bar#baz'],
  ['="value"', '', 'value'],
  ['\uFEFFA=1', 'A', '1'],
  ["A='Let\\'s go!'", 'A', "Let's go!"],
  ["A='x\ny'", 'A', 'x\ny'],
  ["BAR='quote $FOO'", 'BAR', 'quote $FOO'],
  ['A="foo\\$BAR"', 'A', 'foo$BAR'],
  ['A="foo$$BAR"', 'A', 'foo$BAR'],
  ['456 = ABC', '456', 'ABC'],
  ['a.b-c[1]=x', 'a.b-c[1]', 'x'],
  ['clé=x', 'clé', 'x'],
  ['A=x\r\n', 'A', 'x'],
  ['A=', 'A', ''],
];

for (const [text, key, value] of single) {
  test(`${JSON.stringify(text)} sets ${JSON.stringify(value)}`, () => assert.equal(parse(text), { [key]: value }));
}

test('blank lines and comments are skipped', () => {
  assert.equal(parse('\n# c\n  # d\nA=1\n\n#B=2\n'), { A: '1' });
});

test('the last of equal keys wins and may refer to the earlier', () => {
  assert.equal(parse('A=1\nA=$A-2\n'), { A: '1-2' });
});

test('the environment is expanded before what the file said', () => {
  assert.equal(parse('OPTION_A=1\nOPTION_B=${OPTION_A}\n', { OPTION_A: '5' }), { OPTION_A: '1', OPTION_B: '5' });
  assert.equal(parse('OPTION_A=${OPTION_A:-1}', { OPTION_A: '5' }), { OPTION_A: '5' });
  assert.equal(parse('OPTION_A=${OPTION_A:-1}'), { OPTION_A: '1' });
  assert.equal(parse('A="foo\\${FOO} ${FOO}"', { FOO: 'x' }), { A: 'foo${FOO} x' });
});

test('a bare key takes its value from the environment or is skipped', () => {
  assert.equal(parse('A\nB\n', { A: 'x' }), { A: 'x' });
});

test('a bare key on the last line without a break becomes the value of the empty key', () => {
  assert.equal(parse('A=1\nB'), { A: '1', '': 'B' });
});

test('parsing goes on right behind a closing quote', () => {
  assert.equal(parse('A="x"B=2\n'), { A: 'x', B: '2' });
  assert.equal(parse('A="x"y'), { A: 'x', '': 'y' });
});

test('what is no variable name is refused with its line', () => {
  assert.is(problem('A=1\nlol$wut'), '2: unexpected character "$" in variable name "lol$wut"');
  assert.is(problem('%!(X)=foo'), '1: unexpected character "%" in variable name "%!(X)=foo"');
  assert.is(problem('A/B=1'), '1: unexpected character "/" in variable name "A/B=1"');
  assert.match(problem('A B=1'), /^1: key cannot contain a space/);
});

test('the line of a fault counts lines inside values', () => {
  assert.match(problem('A="1\n2\n3"\nB=2\n\n\nINVALID LINE\n'), /^7: /);
});

test('unterminated quotes are refused', () => {
  for (const text of ['KEY="', 'KEY="value', 'KEY="value\\"', "KEY='value\\'", 'KEY="value\'']) {
    assert.match(problem(text), /^1: unterminated quoted value/);
  }
});

test('a malformed variable in a value is a fault of its line', () => {
  assert.is(problem('A=1\nB=${\n'), '2: invalid');
  assert.is(problem('B=${X:?needed}\n'), '1: required');
});

test('raw format takes everything behind the equals sign', () => {
  const raw = parseRawEnv('# c\nA="x" # y\nB=$FOO\nC\nD\nE=a=b\n\n', { lookup: (name) => (name === 'C' ? 'c' : undefined) });
  assert.equal(Object.fromEntries(raw as Map<string, string>), { A: '"x" # y', B: '$FOO', C: 'c', E: 'a=b' });
  assert.equal(parseRawEnv('A B=1', { lookup: () => undefined }), {
    kind: 'syntax',
    line: 1,
    message: 'variable name "A B" contains white space',
  });
});

test.run();

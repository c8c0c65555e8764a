// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandTemplate, templateVariables } from '#core/load/template.ts';

const values: Readonly<Record<string, string>> = { FOO: 'first', BAR: '', JSON: '{"json":2}', D: '$FOO', n1_: 'x' };

function expand(text: string) {
  const unset: string[] = [];
  const result = expandTemplate(text, { lookup: (name) => values[name], onUnset: (name) => unset.push(name) });
  return { result, unset };
}

const expansions: Readonly<Record<string, string>> = {
  [`$\${foo}`]: `\${foo}`,
  $$A: '$A',
  $$$FOO: '$first',
  'a $ string': 'a $ string',
  '^REGEX$': '^REGEX$',
  '$}': '$}',
  $: '$',
  '$1 $- $(': '$1 $- $(',
  '$FOO-bar': 'first-bar',
  'This ${missing} var': 'This  var',
  'This ${BAR} var': 'This  var',
  '${missing:-def}': 'def',
  '${missing-def}': 'def',
  '${BAR:-def}': 'def',
  '${BAR-def}': '',
  '${FOO:+p}': 'p',
  '${FOO+p}': 'p',
  '${BAR+p}': 'p',
  '${BAR:+p}': '',
  '${UNSET+p}': '',
  '${UNSET:+p}': '',
  '${A:+${A},}B': 'B',
  '${FOO?${B}}': 'first',
  '${BAR:-/non:-alphanumeric}': '/non:-alphanumeric',
  '+ok ${UNSET:-${BAR-defaultValue}}': '+ok ',
  ':?ok ${BAR-defaultValue}': ':?ok ',
  '-ok ${BAR:-defaultValue}': '-ok defaultValue',
  '${UNSET-${FOO} ${FOO}}': 'first first',
  '${BAR+$FOO ${FOO:+second}}': 'first second',
  '${BAR?err}': '',
  '${UNSET-myerror?msg}': 'myerror?msg',
  '${SUBDOMAIN:-redis}.${FOO:?}': 'redis.first',
  '${missing:-{"json":1}}': '{"json":1}',
  '${JSON:-{"json":1}}': '{"json":2}',
  '{{{ ${missing:-a} ${BAR:-D} }}}': '{{{ a D }}}',
  '${missing:-baz} }}}': 'baz }}}',
  '${missing:-a}}': 'a}',
  '${missing:-${BAR:-x}_test_${BAR:-y}}': 'x_test_y',
  '${missing:-${BAR:-${ZOT:-x}}_test}': 'x_test',
  '${U-a-b?c+d}': 'a-b?c+d',
  '${U:-{}}': '{}',
  '\\$FOO': '\\first',
  $D: '$FOO',
  $n1_: 'x',
};

for (const [text, expected] of Object.entries(expansions)) {
  test(`${text} becomes ${expected}`, () => assert.is(expand(text).result, expected));
}

for (const text of [
  '${',
  '${}',
  '${ }',
  '${ foo}',
  '${foo }',
  '${foo!}',
  '${A:}',
  '${A:=x}',
  '${A%x}',
  '${#A}',
  '${A.B}',
  '${1A}',
  '${A',
  '${U:-a\nb}',
]) {
  test(`${JSON.stringify(text)} is refused`, () => assert.equal(expand(text).result, { kind: 'invalid', text }));
}

test('a required variable gives its name and the expanded reason', () => {
  assert.equal(expand('${UNSET:?Mandatory ${FOO}}').result, { kind: 'required', variable: 'UNSET', reason: 'Mandatory first' });
  assert.equal(expand('${UNSET:?}').result, { kind: 'required', variable: 'UNSET', reason: '' });
  assert.equal(expand('${UNSET?bar-baz}').result, { kind: 'required', variable: 'UNSET', reason: 'bar-baz' });
  assert.equal(expand('${BAR:?no}').result, { kind: 'required', variable: 'BAR', reason: 'no' });
});

test('only the branch that is taken is expanded', () => {
  assert.equal(expand('${A:+${A},}B').unset, []);
  assert.equal(expand('${A:-${B}}'), { result: '', unset: ['B'] });
  assert.equal(expand('${FOO?${B}}').unset, []);
  assert.equal(expand('$A $B').unset, ['A', 'B']);
});

test('variables are listed with those inside words', () => {
  const found = templateVariables('$$X ${A:-${B:?x}} $C ${D:+e}');
  assert.equal(
    found.map(({ name, operator, word }) => [name, operator, word]),
    [
      ['A', ':-', '${B:?x}'],
      ['B', ':?', 'x'],
      ['C', '', ''],
      ['D', ':+', 'e'],
    ],
  );
});

test('words nested without end are refused, not followed', () => {
  const text = `${'${A:-'.repeat(5000)}x${'}'.repeat(5000)}`;
  assert.is((expand(text).result as { kind: string }).kind, 'invalid');
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emitYaml } from '#core/load/render/emit-yaml.ts';
import { naturalOrder } from '#core/load/render/natural-order.ts';
import { inlineText } from '#core/load/render/yaml-text.ts';

const inline: Readonly<Record<string, string>> = {
  plain: 'plain',
  'two words': 'two words',
  'http://x:80/': 'http://x:80/',
  'a#b': 'a#b',
  NaN: 'NaN',
  '=': '=',
  '0x': '0x',
  '-x': '-x',
  '?x': '?x',
  'a:b': 'a:b',
  é: 'é',
  'a, b': 'a, b',
  '8080-8090': '8080-8090',
  '24h0m0s': '24h0m0s',
  '': '""',
  '~': '"~"',
  true: '"true"',
  null: '"null"',
  '1.5': '"1.5"',
  '0x1': '"0x1"',
  '1e3': '"1e3"',
  '1_000': '"1_000"',
  '0123': '"0123"',
  '08': '"08"',
  '12:30:45': '"12:30:45"',
  '2024-01-01': '"2024-01-01"',
  no: '"no"',
  off: '"off"',
  y: '"y"',
  Yes: '"Yes"',
  N: '"N"',
  '<<': '"<<"',
  '+1': '"+1"',
  '0o17': '"0o17"',
  '.nan': '".nan"',
  '.5': '".5"',
  '-': "'-'",
  '?': "'?'",
  ':': "':'",
  '...': "'...'",
  '---x': "'---x'",
  'a: b': "'a: b'",
  'a:': "'a:'",
  'a #b': "'a #b'",
  '#a': "'#a'",
  ' a': "' a'",
  'a ': "'a '",
  '*a': "'*a'",
  '!a': "'!a'",
  '%a': "'%a'",
  '@a': "'@a'",
  '`a': "'`a'",
  '{a': "'{a'",
  '[a': "'[a'",
  '"a': "'\"a'",
  "it's": "it's",
  "'a": "'''a'",
  '- a': "'- a'",
  'tab\there': '"tab\\there"',
  'bell\u0007': '"bell\\a"',
  'esc\u001b[0m': '"esc\\e[0m"',
  'emoji 😀': '"emoji \\U0001F600"',
  '\u0085': '"\\N"',
};

for (const [text, expected] of Object.entries(inline)) {
  test(`${JSON.stringify(text)} is written ${expected}`, () => assert.is(inlineText(text), expected));
}

const blocks: readonly [text: string, expected: string][] = [
  ['a\nb', 'k: |-\n  a\n  b\n'],
  ['a\nb\n', 'k: |\n  a\n  b\n'],
  ['a\n\n', 'k: |+\n  a\n\n'],
  ['  a\nb\n', 'k: |2\n    a\n  b\n'],
  ['\na\n', 'k: |\n\n  a\n'],
  ['a\n\tb\n', 'k: |\n  a\n  \tb\n'],
  ['a \nb', 'k: "a \\nb"\n'],
  ['\n', 'k: "\\n"\n'],
  ['a\n\u0007', 'k: "a\\n\\a"\n'],
  ['a\nb ', 'k: "a\\nb "\n'],
];

for (const [text, expected] of blocks) {
  test(`the text ${JSON.stringify(text)} is written as ${JSON.stringify(expected)}`, () =>
    assert.is(emitYaml(new Map([['k', text]])), expected));
}

test('structure: lists under their key, empty collections inline, keys quoted like values', () => {
  const value = new Map<string, unknown>([
    [
      'list',
      [
        'a',
        new Map<string, unknown>([
          ['b', 1],
          ['c', ['d']],
        ]),
        ['e', 'f'],
        [],
      ],
    ],
    ['n', new Map([['y', null]])],
    ['empty', new Map()],
  ]);
  assert.is(
    emitYaml(value),
    'list:\n  - a\n  - b: 1\n    c:\n      - d\n  - - e\n    - f\n  - []\n"n":\n  "y": null\nempty: {}\n',
  );
});

test('keys sort by number runs, letters after other characters', () => {
  const sorted = [
    '_x',
    '1',
    '2',
    '10',
    'A',
    'B',
    'a',
    'a b',
    'a-b',
    'a.b',
    'a/b',
    'a_b',
    'a1',
    'a01',
    'a2',
    'a10',
    'aB',
    'ab',
    'b',
    'x1',
    'x1y',
    'x01y',
    'é',
  ];
  assert.equal([...sorted].reverse().sort(naturalOrder), sorted);
  assert.equal(['svc10', 'svc2', 'svc1'].sort(naturalOrder), ['svc1', 'svc2', 'svc10']);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printDiagnostic } from '#core/diagnostics/print.ts';
import { failures } from './project-fixture.ts';

const samples: readonly [what: string, text: string, expected: string][] = [
  [
    'a line indented too little',
    'services:\n  web:\n    image: nginx\n   ports:\n      - 80\n',
    `compose.yaml:4:4: error: YAML: the indentation does not fit the lines before [load.yaml-syntax]
  4 |    ports:
    |    ^
  hint: members of one mapping, and items of one list, start in the same column`,
  ],
  [
    'a colon in a text',
    'services:\n  web:\n    command: echo foo: bar\n',
    `compose.yaml:3:14: error: YAML: this cannot be read as a mapping member or a single value [load.yaml-syntax]
  3 |     command: echo foo: bar
    |              ^
  hint: does a colon need a blank after it, or a text with ": " in it quotes, on this line or the one before?`,
  ],
  [
    'a colon without a blank',
    'services:\n  web:\n    image:x\n    ports: []\n',
    `compose.yaml:3:5: error: YAML: this cannot be read as a mapping member or a single value [load.yaml-syntax]
  3 |     image:x
    |     ^^^^^^^
  hint: does a colon need a blank after it, or a text with ": " in it quotes, on this line or the one before?`,
  ],
  [
    'quotes that are not closed',
    'services:\n  web:\n    image: "x\n    ports: []\n',
    `compose.yaml:3:12: error: YAML: a text in quotes is not closed [load.yaml-syntax]
  3 |     image: "x
    |            ^
  hint: it needs a " at its end`,
  ],
  [
    'a tab',
    'services:\n  web:\n\timage: x\n',
    `compose.yaml:3:2: error: YAML: a tab is used as indentation [load.yaml-syntax]
  3 |   image: x
    |   ^
  hint: this line is indented with a tab; YAML wants spaces`,
  ],
  [
    'a character that starts nothing',
    'services:\n  web:\n    image: %x\n',
    `compose.yaml:3:12: error: YAML: plain value cannot start with directive indicator character % [load.yaml-syntax]
  3 |     image: %x
    |            ^
  hint: text that starts with such a character needs quotes`,
  ],
];

for (const [what, text, expected] of samples) {
  test(`${what} is explained`, async () => {
    const [first] = await failures(text);
    assert.ok(first);
    assert.fixture(printDiagnostic(first, { color: false }), expected);
  });
}

test.run();

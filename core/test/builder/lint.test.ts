// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Dockerfiles
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDockerfile } from '#core/builder/dockerfile/read-dockerfile.ts';
import { lintDockerfile } from '#core/builder/lint.ts';
import { parseIgnoreFile } from '#core/builder/path-pattern.ts';

const environmentOf = (reference: string) => (reference === 'node' ? ['NODE_VERSION=22', 'PATH=/bin'] : undefined);

/** Messages of one rule, without its name. */
function found(rule: string, text: string): readonly string[] {
  const dockerfile = readDockerfile({ name: 'Dockerfile', path: undefined, text });
  const ignored = parseIgnoreFile('secret\n*.log\n!kept.log');
  return lintDockerfile(dockerfile, { args: [], environmentOf, ignored })
    .map(({ message }) => message)
    .filter((one) => one.startsWith(`${rule}: `))
    .map((one) => one.slice(rule.length + 2));
}

const undefinedVars: readonly (readonly [string, readonly RegExp[]])[] = [
  ['FROM scratch\nCOPY $foo .', [/"\$foo" is not set/]],
  ['FROM scratch\nARG foo\nCOPY $foo .', []],
  ['FROM scratch\nENV foo=1\nCOPY ${foo} .', []],
  ['ARG foo\nFROM scratch\nCOPY $foo .', [/"\$foo"/]],
  ['FROM scratch\nARG VERSION\nLABEL v=$VERSOIN', [/did you mean \$VERSION/]],
  ['FROM scratch\nCOPY --chown=$who a b', [/"\$who"/]],
  ['FROM scratch\nCOPY ${foo:-a} ${bar+b}', []],
  ["FROM scratch\nLABEL a='$foo' b=\\$foo", []],
  ['FROM scratch\nRUN echo $foo\nCMD echo $foo', []],
  ['FROM scratch\nWORKDIR $PATH$HTTP_PROXY', []],
  ['FROM node\nLABEL v=$NODE_VERSION', []],
  ['FROM node\nLABEL v=$NODE_VERSIO', [/did you mean \$NODE_VERSION/]],
  ['FROM unknown\nLABEL v=$WHATEVER', []],
  ['FROM scratch AS a\nENV x=1\nFROM a\nCOPY $x $y', [/"\$y"/]],
  ['FROM unknown AS a\nFROM a\nCOPY $x $y', []],
  ['FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH $TARGETOS', [/"\$TARGETOS"/]],
];

for (const [text, expected] of undefinedVars) {
  test(`UndefinedVar: ${JSON.stringify(text)}`, () => {
    const messages = found('UndefinedVar', text);
    assert.is(messages.length, expected.length, messages.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(messages[index] ?? '', pattern);
  });
}

for (const [rule, text, count] of [
  ['ExposeInvalidFormat', 'FROM a\nEXPOSE 127.0.0.1:80:80 80:80 80 $X:1', 2],
  ['ExposeProtoCasing', 'FROM a\nEXPOSE 80/TcP 81/tcp 82', 1],
  ['CopyIgnoredFile', 'FROM a\nCOPY secret a.log kept.log ./x /', 0],
  ['CopyIgnoredFile', '# check=experimental=all\nFROM a\nCOPY secret a.log kept.log ./x /', 2],
  ['CopyIgnoredFile', '# check=experimental=CopyIgnoredFile\nFROM a\nCOPY --from=b secret /\nADD ./secret/ /', 1],
  [
    'InvalidDefinitionDescription',
    '# check=experimental=all\n\n# words\nARG a\n\n# b is here\nARG b\n# base stage\nFROM x AS base',
    1,
  ],
  ['InvalidDefinitionDescription', '# check=experimental=all\n# other words\n\nFROM x AS base\n# c\nARG c=1', 1],
  ['InvalidDefinitionDescription', '# words\nARG a\nFROM x', 0],
] as const) {
  test(`${rule}: ${JSON.stringify(text)}`, () => assert.is(found(rule, text).length, count));
}

test.run();

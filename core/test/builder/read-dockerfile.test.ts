// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Dockerfiles
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDockerfile } from '#core/builder/dockerfile/read-dockerfile.ts';
import { readStages, targetStage } from '#core/builder/stages.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { printDiagnostic } from '#core/diagnostics/print.ts';

const read = (text: string) => readDockerfile({ name: 'Dockerfile', path: undefined, text });
const args = { given: {}, buildPlatform: 'linux/amd64', targetPlatform: 'linux/amd64', targetStage: '' };

/** The first line of the message that a text gives. */
function mistake(text: string): string {
  try {
    const { stages } = readStages(read(text), { args, contexts: new Set() });
    return `${stages.length} stages`;
  } catch (error) {
    if (!(error instanceof TscomposeError) || error.diagnostics[0] === undefined) throw error;
    return printDiagnostic(error.diagnostics[0], { color: false }).split('\n')[0] ?? '';
  }
}

test('instructions, flags, continuations, comments', () => {
  const { instructions } = read(
    'FROM a\r\n# comment\nrun --mount=type=cache,target="/a b" --network=none x \\\n# inside\n\n  y \\  \n z\nCMD ["a"]',
  );
  assert.equal(
    instructions.map((one) => [one.keyword, one.written, one.flags.map(({ name, value }) => [name, value]), one.text]),
    [
      ['FROM', 'FROM', [], 'a'],
      [
        'RUN',
        'run',
        [
          ['mount', 'type=cache,target="/a b"'],
          ['network', 'none'],
        ],
        'x   y  z',
      ],
      ['CMD', 'CMD', [], '["a"]'],
    ],
  );
});

test('heredocs: several, quoted, with tabs; their bodies are no instructions', () => {
  const { instructions } = read("FROM a\nCOPY <<A <<-'B' /x/\nFROM b\nA\n\tone\n\tB\nRUN echo '<<C' && cat 3<<D\nd\nD");
  assert.equal(
    instructions.map((one) => [one.keyword, one.heredocs.map(({ name, content, isExpanded }) => [name, content, isExpanded])]),
    [
      ['FROM', []],
      [
        'COPY',
        [
          ['A', 'FROM b\n', true],
          ['B', 'one\n', false],
        ],
      ],
      ['RUN', [['D', 'd\n', true]]],
    ],
  );
});

test('directives come first, and an interpreter line before them', () => {
  const { escapeMark, syntax, check } = read(
    '#!/usr/bin/env docker\n# syntax=docker/dockerfile:1\n# escape = `\n# check=skip=A,B;error=true\n\n# escape=\\\nFROM a',
  );
  assert.equal([escapeMark, syntax, check], ['`', 'docker/dockerfile:1', { skip: ['A', 'B'], experimental: [], error: true }]);
});

// Each: a text, and the message.
const mistakes: readonly (readonly [string, string])[] = [
  ['', 'Dockerfile:1:1: error: the Dockerfile cannot be used: it has no instructions [build.dockerfile-invalid]'],
  ['ARG X=1', 'Dockerfile:1:1: error: the Dockerfile cannot be used: it has no FROM [build.dockerfile-invalid]'],
  ['FROM a\n  RNU x', 'Dockerfile:2:3: error: unknown instruction "RNU" [build.unknown-instruction]'],
  [
    'RUN x\nFROM a',
    'Dockerfile:1:1: error: the Dockerfile cannot be used: RUN stands before the first FROM [build.dockerfile-invalid]',
  ],
  [
    'FROM a as',
    'Dockerfile:1:1: error: the Dockerfile cannot be used: FROM is written FROM image [AS name] [build.dockerfile-invalid]',
  ],
  ['FROM --plat=x a', 'Dockerfile:1:6: error: FROM has no flag "--plat" [build.unknown-flag]'],
  [
    'ARG T\nFROM a$T:${T',
    'Dockerfile:2:1: error: the Dockerfile cannot be used: "${T" has an unknown modifier or is not closed [build.dockerfile-invalid]',
  ],
  [
    'FROM $NOTHING',
    'Dockerfile:1:1: error: the Dockerfile cannot be used: the base image "$NOTHING" is empty [build.dockerfile-invalid]',
  ],
  [
    'FROM a\nRUN <<E\nx',
    'Dockerfile:2:1: error: the Dockerfile cannot be used: the heredoc "E" has no end [build.dockerfile-invalid]',
  ],
  [
    '# escape=x\nFROM a',
    'Dockerfile:1:1: error: the Dockerfile cannot be used: the escape character is \\ or ` [build.dockerfile-invalid]',
  ],
];
for (const [text, message] of mistakes) {
  test(`${JSON.stringify(text)} is a mistake`, () => {
    assert.is(mistake(text), message);
  });
}

test('stages: what they begin with, and the target', () => {
  const all = readStages(read('ARG B=base:1\nFROM $B AS One\nFROM one\nFROM scratch AS last\nFROM ctx'), {
    args: { ...args, given: { B: 'other:2' } },
    contexts: new Set(['ctx']),
  });
  assert.equal(
    all.stages.map(({ name, base }) => [name, base]),
    [
      ['one', { kind: 'image', reference: 'other:2' }],
      [undefined, { kind: 'stage', index: 0 }],
      ['last', { kind: 'scratch' }],
      [undefined, { kind: 'named', name: 'ctx' }],
    ],
  );
  assert.equal(
    [undefined, 'ONE', '1', 'last'].map((target) => targetStage(all, target)),
    [3, 0, 1, 2],
  );
  assert.throws(() => targetStage(all, 'lost'), /no stage "lost"/);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BuildImage, scratchImage } from '#core/builder/build-image.ts';
import { readDockerfile } from '#core/builder/dockerfile/read-dockerfile.ts';
import { evaluateStage } from '#core/builder/evaluate-stage.ts';
import { lintDockerfile } from '#core/builder/lint.ts';
import { readStages } from '#core/builder/stages.ts';

function evaluate(text: string, options: { readonly base?: BuildImage; readonly given?: Readonly<Record<string, string>> } = {}) {
  const dockerfile = readDockerfile({ name: 'Dockerfile', path: undefined, text });
  const args = { given: options.given ?? {}, buildPlatform: 'linux/amd64', targetPlatform: 'linux/arm64/v8', targetStage: '' };
  const contexts = new Set<string>();
  const all = readStages(dockerfile, { args, contexts });
  const stage = all.stages.at(-1);
  if (stage === undefined) throw new Error('no stage');
  return evaluateStage({ all, stage, base: options.base ?? scratchImage, args, contexts });
}

test('history reads as BuildKit writes it, and says which lines made files', () => {
  const { image, steps, stepHistory } = evaluate(
    'FROM scratch\nARG A=1\nENV B=$A\nWORKDIR /w\nCOPY f g ./\nRUN make\nCMD ["a", "b"]\nLABEL k=v',
  );
  assert.equal(
    image.history.map((one) => `${one.empty_layer === true ? '-' : '+'} ${one.created_by}`),
    [
      '- ARG A=1',
      '- ENV B=1',
      '+ WORKDIR /w',
      '+ COPY f g ./ # buildkit',
      '+ RUN |1 A=1 /bin/sh -c make # buildkit',
      '- CMD ["a" "b"]',
      '- LABEL k=v',
    ],
  );
  assert.equal(
    [steps.map((one) => one.kind), stepHistory],
    [
      ['workdir', 'copy', 'run'],
      [2, 3, 4],
    ],
  );
});

test('the history of RUN names every argument that was declared, one of ARG all of its own', () => {
  const { image } = evaluate('FROM scratch\nARG A=arg B\nARG C=default\nENV A=env\nRUN x', { given: { C: 'given' } });
  assert.equal(
    image.history.map((one) => one.created_by),
    ['ARG A=arg B', 'ARG C=given', 'ENV A=env', 'RUN |3 A=env B= C=given /bin/sh -c x # buildkit'],
  );
});

test('RUN sees arguments and variables; a variable hides the argument of its name', () => {
  const [step] = evaluate('FROM scratch\nARG A=arg\nARG B=arg\nENV A=env\nRUN x', {
    given: { B: 'given', HTTP_PROXY: 'p', UNUSED: 'u' },
  }).steps;
  if (step?.kind !== 'run') throw new Error('no RUN');
  const [path = '', ...rest] = [...step.env].sort().reverse();
  assert.equal([path.startsWith('PATH='), rest.sort(), step.quietEnv], [true, ['A=env', 'B=given'], ['HTTP_PROXY=p']]);
});

test('predefined arguments need an ARG, and know the target', () => {
  const { image } = evaluate(
    'FROM scratch\nENV A=$TARGETARCH\nARG TARGETARCH\nARG TARGETVARIANT\nARG BUILDARCH\nENV B=$TARGETARCH$TARGETVARIANT-$BUILDARCH',
  );
  assert.equal(image.config.Env?.slice(1), ['A=', 'B=arm64v8-amd64']);
});

test('triggers of the base image come first, and are gone afterwards', () => {
  const base: BuildImage = {
    config: { Env: ['PATH=/bin'], OnBuild: ['COPY . /src', 'ENV T=1'] },
    history: [{ created_by: 'base' }],
  };
  const { image, steps } = evaluate('FROM any\nRUN echo $T\nONBUILD RUN later', { base });
  assert.equal([steps.map((one) => one.title), image.config.OnBuild], [['COPY . /src', 'RUN echo $T'], ['RUN later']]);
  assert.is(image.history[0]?.created_by, 'base');
  assert.throws(() => evaluate('FROM any', { base: { config: { OnBuild: ['FROM x'] }, history: [] } }), /ONBUILD has FROM/);
});

test('mounts of RUN', () => {
  const [step] = evaluate(
    'FROM scratch AS one\nFROM scratch\nWORKDIR /w\nARG ID=cache\nRUN --mount=type=cache,target=c,id=$ID,sharing=locked --mount=from=one,source=/a,target=/b,rw --mount=type=tmpfs,dst=/t,size=2m x',
  ).steps.slice(1);
  if (step?.kind !== 'run') throw new Error('no RUN');
  assert.equal(step.mounts, [
    { type: 'cache', target: '/w/c', id: 'cache', sharing: 'locked', source: '/', readOnly: false, mode: 0o755, uid: 0, gid: 0 },
    { type: 'bind', target: '/b', from: { kind: 'stage', index: 0 }, source: '/a', writable: true },
    { type: 'tmpfs', target: '/t', sizeBytes: 2 * 1024 * 1024 },
  ]);
  for (const mount of ['type=nope,target=/x', 'type=cache', 'type=tmpfs,target=/x,mode=1', 'type=cache,target=/x,sharing=all']) {
    assert.throws(() => evaluate(`FROM scratch\nRUN --mount=${mount} x`), /cannot be used/);
  }
});

// Each: a Dockerfile, and the rules that find something.
const lints: readonly (readonly [string, readonly string[]])[] = [
  ['FROM a AS b\nRUN x\nCMD ["x"]', []],
  ['FROM a as b\nrun x', ['FromAsCasing', 'ConsistentInstructionCasing']],
  ['FROM a AS B\nFROM c AS b', ['StageNameCasing', 'DuplicateStageName']],
  [
    'FROM --platform=linux/amd64 a\nFROM --platform=$TARGETPLATFORM a',
    ['FromPlatformFlagConstDisallowed', 'RedundantTargetPlatform'],
  ],
  ['ARG T\nFROM a:$T\nFROM b:$U', ['InvalidDefaultArgInFrom', 'UndefinedArgInFrom']],
  ['FROM a\nENV k v\nMAINTAINER me\nWORKDIR w', ['LegacyKeyValueFormat', 'MaintainerDeprecated', 'WorkdirRelativePath']],
  ['FROM a\nCMD x\nCMD ["y"]\nRUN a \\\n\n b', ['JSONArgsRecommended', 'MultipleInstructionsDisallowed', 'NoEmptyContinuation']],
  ['FROM a AS context\nARG API_TOKEN\nENV PUBLIC_KEY=x', ['ReservedStageName', 'SecretsUsedInArgOrEnv']],
  ['# check=skip=JSONArgsRecommended\nFROM a\nCMD x', []],
];
for (const [text, rules] of lints) {
  test(`--check of ${JSON.stringify(text)}`, () => {
    const found = lintDockerfile(readDockerfile({ name: 'Dockerfile', path: undefined, text }), { args: [] });
    assert.equal(found.map((one) => one.message.split(':')[0]).sort(), [...rules].sort());
  });
}

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Flags } from '../../args/flags.ts';
import { parseArguments } from '../../args/parse.ts';

const flags = {
  all: { type: 'boolean', alias: 'a', help: '' },
  detach: { type: 'boolean', alias: 'd', help: '' },
  env: { type: 'list', alias: 'e', help: '' },
  file: { type: 'string', alias: 'f', help: '' },
  index: { type: 'number', default: 0, min: 0, help: '' },
  orphans: { type: 'boolean', default: true, help: '' },
  rmi: { type: 'string', choices: ['local', 'all'], help: '' },
  timeout: { type: 'number', alias: 't', help: '' },
  volumes: { type: 'boolean', alias: 'v', spellings: [{ name: 'volume', deprecated: true }], help: '' },
} as const satisfies Flags;

const outerFlags = { profile: { type: 'list', help: '' } } as const satisfies Flags;
const parse = (argv: readonly string[], interspersed = true) =>
  parseArguments({ flags, argv, interspersed, help: 'x --help', outerFlags });

const accepted: readonly [string, readonly string[], object, readonly string[]][] = [
  ['nothing', [], {}, []],
  ['a long boolean', ['--all'], { all: true }, []],
  ['a boolean switched off', ['--orphans=false'], { orphans: false }, []],
  ['Go booleans', ['--all=T', '--orphans=0'], { all: true, orphans: false }, []],
  ['a value in the next word', ['--file', 'a.yaml'], { file: 'a.yaml' }, []],
  ['a value after =', ['--file=a=b.yaml'], { file: 'a=b.yaml' }, []],
  ['an empty value', ['--file='], { file: '' }, []],
  ['a value that looks like a flag', ['--file', '-v'], { file: '-v' }, []],
  ['a short value', ['-f', 'a'], { file: 'a' }, []],
  ['a short value without space', ['-fa'], { file: 'a' }, []],
  ['a short value after =', ['-f=a'], { file: 'a' }, []],
  ['a cluster', ['-ad'], { all: true, detach: true }, []],
  ['a cluster that ends with a value', ['-adt5'], { all: true, detach: true, timeout: 5 }, []],
  ['a cluster whose value is the next word', ['-at', '7'], { all: true, timeout: 7 }, []],
  ['a short boolean switched off', ['-a=false'], { all: false }, []],
  ['a repeated list', ['-e', 'A=1', '--env=B=2', '-eC'], { env: ['A=1', 'B=2', 'C'] }, []],
  ['the last of two', ['--file', 'a', '--file', 'b'], { file: 'b' }, []],
  ['flags after operands', ['web', '-d', 'db'], { detach: true }, ['web', 'db']],
  ['operands after --', ['-d', '--', '-a', 'web'], { detach: true }, ['-a', 'web']],
  ['a dash as operand', ['-'], {}, ['-']],
  ['a negative number', ['-t', '-1'], { timeout: -1 }, []],
  ['a choice', ['--rmi', 'local'], { rmi: 'local' }, []],
];

for (const [name, argv, values, operands] of accepted) {
  test(`accepts ${name}`, () => {
    const parsed = parse(argv);
    const defaults = {
      all: false,
      detach: false,
      env: [],
      file: undefined,
      index: 0,
      orphans: true,
      rmi: undefined,
      timeout: undefined,
      volumes: false,
    };
    assert.equal({ ...parsed.values }, { ...defaults, ...values });
    assert.equal(parsed.operands, operands);
    assert.equal([...parsed.given].sort(), Object.keys(values).sort());
  });
}

const refused: readonly [string, readonly string[], string, RegExp][] = [
  ['an unknown flag', ['--al'], 'cli.unknown-flag', /did you mean "--all"/],
  ['an unknown short flag', ['-x'], 'cli.unknown-flag', /x --help/],
  ['a flag of the level above', ['--profile', 'a'], 'cli.unknown-flag', /before the command/],
  ['a missing value', ['--file'], 'cli.flag-needs-value', /--file=VALUE/],
  ['a missing short value', ['-at'], 'cli.flag-needs-value', /-t VALUE/],
  ['a bad number', ['-t', 'soon'], 'cli.bad-flag-value', /whole number/],
  ['a number too small', ['--index=-1'], 'cli.bad-flag-value', /from 0/],
  ['a bad boolean', ['--all=yes'], 'cli.bad-flag-value', /true, false/],
  ['a bad choice', ['--rmi', 'some'], 'cli.bad-flag-value', /local, all/],
];

for (const [name, argv, code, hint] of refused) {
  test(`refuses ${name}`, () => {
    try {
      parse(argv);
    } catch (error) {
      assert.instance(error, TscomposeError);
      const [diagnostic] = (error as TscomposeError).diagnostics;
      assert.is(diagnostic?.code, code);
      assert.match(diagnostic?.hint ?? '', hint);
      return;
    }
    assert.unreachable('must throw');
  });
}

test('stops at the first operand where asked', () => {
  const parsed = parse(['-d', 'web', 'ls', '-a', '--', '--nonsense'], false);
  assert.equal(parsed.operands, ['web', 'ls', '-a', '--', '--nonsense']);
  assert.equal([...parsed.given], ['detach']);
});

test('warns of a deprecated spelling and takes its value', () => {
  const parsed = parse(['--volume']);
  assert.is(parsed.values['volumes'], true);
  assert.equal(
    parsed.warnings.map((one) => one.code),
    ['cli.deprecated-flag'],
  );
});

test('sees that help is asked for, in a cluster too', () => {
  assert.is(parse(['--help']).helpAsked, true);
  assert.is(parse(['-ah']).helpAsked, true);
  assert.is(parse(['-a']).helpAsked, false);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareFlags } from '#tools/compatibility/compare-flags.ts';
import { knownDifferences } from '#tools/compatibility/known-differences.ts';
import { compareCommands, isGroup, isLater } from '#tools/generate-compatibility-page.ts';

test('a flag is the same, differs, is missing or has no effect', () => {
  const verdicts = compareFlags(['all boolean -a =false', 'file list -f', 'gone string', 'time number =10', 'old boolean'], {
    all: { type: 'boolean', alias: 'a', help: '' },
    file: { type: 'string', help: '' },
    time: { type: 'number', default: 5, help: '' },
    old: { type: 'boolean', help: '', ignored: 'nobody needs it' },
  });
  assert.equal(
    verdicts.map((one) => [one.flag.name, one.state, one.note]),
    [
      ['all', 'same', ''],
      ['file', 'differs', 'letter none for f; string for list'],
      ['gone', 'missing', ''],
      ['time', 'differs', 'default 5 for 10'],
      ['old', 'without effect', 'nobody needs it'],
    ],
  );
});

test('every command and flag of Docker Compose is here, or the page says so', async () => {
  const commands = await compareCommands();
  const missing = commands.filter(({ name, flags }) => flags === undefined && !isGroup(name) && !isLater(name));
  assert.equal(
    missing.map((one) => one.name),
    [],
  );
  const found = commands.flatMap(({ name, flags }) =>
    (flags ?? []).filter((one) => one.state === 'missing' || one.state === 'differs').map((one) => `${name} --${one.flag.name}`),
  );
  assert.equal(found.toSorted(), Object.keys(knownDifferences).toSorted());
});

test.run();

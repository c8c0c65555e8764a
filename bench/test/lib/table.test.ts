import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { median } from '../../lib/median.ts';
import { benchTable } from '../../lib/table.ts';

test('the median of an odd and an even count', () => {
  assert.is(median([3, 1, 100]), 3);
  assert.is(median([4, 1, 2, 100]), 3);
  assert.ok(Number.isNaN(median([])));
});

test('a row shows every side, the budget and by how much it is missed', () => {
  const text = benchTable(
    ['floor', 'tscompose'],
    [
      { what: 'up', unit: 'ms', values: { floor: 61.2, tscompose: 450 }, budget: 300 },
      { what: 'memory', unit: 'MB', values: { tscompose: 1.25 }, budget: 1.5 },
    ],
  );
  assert.is(
    text,
    '        floor  tscompose  budget\nup      61 ms     450 ms  300 ms  1.5x\nmemory      –     1.3 MB  1.5 MB    ok\n',
  );
});

test.run();

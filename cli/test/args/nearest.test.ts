import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest } from '../../args/nearest.ts';

const commands = ['up', 'down', 'ps', 'logs', 'restart', 'start', 'stop'];
const rows: readonly [string, string | undefined][] = [
  ['pu', 'up'],
  ['dwon', 'down'],
  ['log', 'logs'],
  ['strat', 'start'],
  ['restrat', 'restart'],
  ['kubernetes', undefined],
  ['x', undefined],
];

for (const [name, expected] of rows) test(`nearest to ${name}`, () => assert.is(nearest(name, commands), expected));

test.run();

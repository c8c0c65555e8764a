import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers } from '../../../views/viz/layers.ts';

test('users stand above what they need, along the longest way', () => {
  const graph = new Map([
    ['proxy', ['app', 'static']],
    ['app', ['db', 'cache']],
    ['static', []],
    ['db', []],
    ['cache', []],
    ['alone', []],
    ['worker', ['db']],
  ]);
  assert.equal(layers(graph), [
    ['alone', 'proxy', 'worker'],
    ['app', 'static'],
    ['cache', 'db'],
  ]);
});

test('what is needed stands below its user', () => {
  const rows = layers(
    new Map([
      ['a', ['z']],
      ['b', ['m']],
      ['m', []],
      ['z', []],
    ]),
  );
  assert.equal(rows[1], ['z', 'm']);
});

test.run();

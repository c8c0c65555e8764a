import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reachable } from '#core/graph/reachable.ts';
import { topologicalOrder } from '#core/graph/topological-order.ts';

const edges: Readonly<Record<string, readonly string[]>> = { a: ['c'], b: ['a', 'x'], c: [], d: [] };

test('predecessors come first, otherwise the given order', () => {
  assert.equal(
    topologicalOrder(['d', 'b', 'a', 'c'], (node) => edges[node] ?? []),
    { order: ['d', 'c', 'a', 'b'] },
  );
});

test('a cycle is shown from its first node to the same', () => {
  const cyclic: Readonly<Record<string, readonly string[]>> = { a: ['b'], b: ['c'], c: ['b'] };
  assert.equal(
    topologicalOrder(['a', 'b', 'c'], (node) => cyclic[node] ?? []),
    { cycle: ['b', 'c', 'b'] },
  );
  assert.equal(
    topologicalOrder(['a'], (node) => [node]),
    { cycle: ['a', 'a'] },
  );
});

test('a long chain needs no stack', () => {
  const nodes = Array.from({ length: 100_000 }, (_, index) => index);
  const { order } = topologicalOrder(nodes, (node) => (node + 1 < nodes.length ? [node + 1] : []));
  assert.equal([order?.length, order?.[0]], [100_000, 99_999]);
});

test('reachable includes the roots', () => {
  assert.equal([...reachable(['b'], (node) => edges[node] ?? [])], ['b', 'a', 'x', 'c']);
});

test.run();

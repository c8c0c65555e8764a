/**
 * The nodes in an order in which every node comes after its predecessors; otherwise the order of `nodes` is kept, so
 * equal input gives equal output. Linear in nodes and edges, and iterative: a chain of thousands needs no stack.
 * Predecessors that are not among `nodes` are ignored.
 */
export function topologicalOrder<T>(nodes: Iterable<T>, predecessors: (node: T) => Iterable<T>): Order<T> {
  const all = new Set(nodes);
  const order: T[] = [];
  const state = new Map<T, 'open' | 'done'>();
  for (const root of all) {
    if (state.has(root)) continue;
    const stack = [enter(root)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done) {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
      } else if (all.has(next.value)) {
        const seen = state.get(next.value);
        if (seen === 'open') {
          const path = stack.map((frame) => frame.node);
          return { cycle: [...path.slice(path.indexOf(next.value)), next.value] };
        }
        if (seen === undefined) stack.push(enter(next.value));
      }
    }
  }
  return { order };

  function enter(node: T): { node: T; rest: Iterator<T> } {
    state.set(node, 'open');
    return { node, rest: predecessors(node)[Symbol.iterator]() };
  }
}

/** `cycle` starts and ends with the same node; each node has the next one as predecessor. */
export type Order<T> =
  | { readonly order: readonly T[]; readonly cycle?: never }
  | { readonly cycle: readonly T[]; readonly order?: never };

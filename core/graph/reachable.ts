/** All nodes that can be reached from `roots` over `next`, the roots included, in order of discovery (breadth first). */
export function reachable<T>(roots: Iterable<T>, next: (node: T) => Iterable<T>): ReadonlySet<T> {
  const seen = new Set(roots);
  // A Set iterates over what is added while it runs: it is queue and result at once.
  for (const node of seen) for (const one of next(node)) seen.add(one);
  return seen;
}

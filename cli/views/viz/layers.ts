/**
 * Services in rows, each above all that it depends on, and within a row near what uses it (one pass of the barycentre
 * heuristic of Sugiyama's method). The loader has refused cycles.
 */
export function layers(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const users = new Map<string, string[]>();
  for (const [name, needs] of graph) {
    for (const one of needs) users.set(one, [...(users.get(one) ?? []), name]);
  }
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const depth = Math.max(-1, ...(users.get(name) ?? []).map(depthOf)) + 1;
    depths.set(name, depth);
    return depth;
  };
  const byDepth = Map.groupBy([...graph.keys()].sort(), depthOf);
  const rows = [...byDepth].sort(([a], [b]) => a - b).map(([, row]) => row);
  const places = new Map<string, number>();
  const middle = (name: string): number => {
    const above = (users.get(name) ?? []).map((one) => places.get(one) ?? 0);
    return above.reduce((sum, one) => sum + one, 0) / Math.max(above.length, 1);
  };
  return rows.map((row) => {
    const sorted = row.toSorted((a, b) => middle(a) - middle(b));
    sorted.forEach((name, index) => {
      places.set(name, (index + 0.5) / sorted.length);
    });
    return sorted;
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCycles } from './imports/find-cycles.ts';
import { type ImportEdge, importGraph } from './imports/import-graph.ts';
import { isTestFile, refusedModule, refusedUse } from './imports/import-rules.ts';
import { sourceFiles } from './testing/find-tests.ts';

/** Test samples that are wrong on purpose. */
const wrongOnPurpose = /^tools\/test\/.*\/samples\//;

/**
 * Checks the import rule over every TypeScript file below `root`: direction between the top folders, phases inside
 * `core`, cycles (types included), missing files and undeclared packages. Returns one line for each problem.
 */
export function checkImports(root: string): readonly string[] {
  const files = sourceFiles(root, '.ts').filter((path) => !wrongOnPurpose.test(path));
  const edges = importGraph(root, files);
  const declared = declaredPackages(root);
  const problems = edges.flatMap((edge) => {
    const why = refusal(edge, declared);
    return why === undefined ? [] : [`${edge.from}:${edge.line}: "${edge.specifier}": ${why}`];
  });
  const cycles = findCycles(fileGraph(edges)).map((cycle) => `import cycle:\n    ${cycle.join('\n  → ')}`);
  return [...problems, ...cycles];
}

function refusal(
  edge: ImportEdge,
  declared: { readonly shipped: ReadonlySet<string>; readonly all: ReadonlySet<string> },
): string | undefined {
  const { target } = edge;
  if (target.kind === 'file') return refusedUse({ from: edge.from, to: target.path, isTypeOnly: edge.isTypeOnly });
  if (target.kind === 'builtin') return refusedModule({ from: edge.from, module: edge.specifier, names: edge.names });
  if (target.kind === 'missing') return `no such file ${target.path}`;
  const isShipped = /^(cli|runtime-native|core|schemas)\//.test(edge.from) && !isTestFile(edge.from);
  const allowed = isShipped ? declared.shipped : declared.all;
  return allowed.has(target.name)
    ? undefined
    : `${target.name} is not among the ${isShipped ? 'dependencies' : 'packages'} of package.json`;
}

function declaredPackages(root: string): { readonly shipped: ReadonlySet<string>; readonly all: ReadonlySet<string> } {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const shipped = Object.keys(manifest['dependencies'] ?? {});
  return { shipped: new Set(shipped), all: new Set([...shipped, ...Object.keys(manifest['devDependencies'] ?? {})]) };
}

function fileGraph(edges: readonly ImportEdge[]): ReadonlyMap<string, readonly string[]> {
  const graph = new Map<string, string[]>();
  for (const { from, target } of edges) {
    if (target.kind !== 'file') continue;
    graph.set(from, [...(graph.get(from) ?? []), target.path]);
  }
  return graph;
}

if (import.meta.main) {
  const problems = checkImports(join(import.meta.dirname, '..'));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

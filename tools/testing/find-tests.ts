import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export type TestKind = 'unit' | 'engine' | 'scenario' | 'c';

/** In the order in which they are run. */
export const testKinds: readonly TestKind[] = ['unit', 'c', 'engine', 'scenario'];

export interface TestFile {
  readonly kind: Exclude<TestKind, 'c'>;
  /** Relative to the repository. */
  readonly path: string;
}

const passedOver: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'artifacts', '.git', '.cache']);

/** Every test file below `root`, sorted by path. */
export function findTests(root: string): readonly TestFile[] {
  return sourceFiles(root, '.test.ts').map((path) => ({ kind: kindOf(path), path }));
}

/** Files below `root` whose name ends in `ending`, relative and sorted; generated and foreign directories are passed over. */
export function sourceFiles(root: string, ending: string): readonly string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (passedOver.has(entry.name)) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && entry.name.endsWith(ending)) found.push(relative(root, path));
    }
  };
  walk(root);
  return found.sort();
}

function kindOf(path: string): TestFile['kind'] {
  if (path.endsWith('.engine.test.ts')) return 'engine';
  return path.endsWith('.scenario.test.ts') ? 'scenario' : 'unit';
}

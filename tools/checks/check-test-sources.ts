import { inspectTestSource } from '../testing/inspect-test-source.ts';
import type { Findings } from './step.ts';

/** Every test file is one that can fail: no `.only`, no bare skip, no hooks, `test.run();` at the end. */
export function checkTestSources(files: readonly { readonly path: string; readonly text: string }[]): Findings {
  const tests = files.filter(({ path }) => path.endsWith('.test.ts'));
  return {
    problems: tests.flatMap((file) => inspectTestSource(file).map((problem) => `${file.path}: ${problem}`)),
    note: `${tests.length} test files`,
  };
}

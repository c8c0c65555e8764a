import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTests, type TestFile, type TestKind, testKinds } from './find-tests.ts';
import { cTestNames, runCTest } from './run-c-tests.ts';
import { runTestFile, type TestRun } from './run-test-file.ts';

export interface TestSelection {
  readonly root: string;
  readonly kinds: readonly TestKind[];
  /** Parts of paths; empty: all of the kinds. */
  readonly paths: readonly string[];
  readonly onRun: (run: TestRun) => void;
  readonly signal?: AbortSignal;
}

/** Unit tests share nothing and run two at once; engine and scenario tests share the machine and run one by one. */
const width: Readonly<Record<TestKind, number>> = { unit: 2, c: 1, engine: 1, scenario: 1 };

/** Runs the selected tests kind by kind, cheapest first; reports each as it ends and returns all. */
export async function runTests(selection: TestSelection): Promise<readonly TestRun[]> {
  const files = findTests(selection.root).filter((file) => isSelected(file, selection));
  const signal = selection.signal === undefined ? {} : { signal: selection.signal };
  const runs: TestRun[] = [];
  for (const kind of testKinds.filter((one) => selection.kinds.includes(one))) {
    const jobs = files
      .filter((file) => file.kind === kind)
      .map((file) => () => runTestFile({ root: selection.root, path: file.path, ...signal }));
    if (kind === 'c')
      jobs.push(...selectedCTests(selection).map((name) => () => runCTest({ root: selection.root, name, ...signal })));
    runs.push(...(await runJobs({ jobs, width: width[kind], onRun: selection.onRun })));
  }
  return runs;
}

function isSelected(file: TestFile, selection: TestSelection): boolean {
  if (!selection.kinds.includes(file.kind)) return false;
  return selection.paths.length === 0 || selection.paths.some((part) => file.path.includes(part.replace(/^\.\//, '')));
}

function selectedCTests(selection: TestSelection): readonly string[] {
  const { root, paths } = selection;
  if (!existsSync(join(root, 'runtime-native/supervisor/test'))) return [];
  const path = (name: string): string => `runtime-native/supervisor/test/${name}.c`;
  return cTestNames(root).filter((name) => paths.length === 0 || paths.some((part) => path(name).includes(part)));
}

async function runJobs(request: {
  readonly jobs: readonly (() => Promise<TestRun>)[];
  readonly width: number;
  readonly onRun: (run: TestRun) => void;
}): Promise<readonly TestRun[]> {
  const waiting = [...request.jobs];
  const runs: TestRun[] = [];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const run = await job();
      runs.push(run);
      request.onRun(run);
    }
  };
  await Promise.all(Array.from({ length: request.width }, worker));
  return runs;
}

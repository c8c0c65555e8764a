import { allowedSkips } from './allowed-skips.ts';
import type { TestRun } from './run-test-file.ts';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** In strict runs (CI) a skip whose reason is not on the list becomes a failure. */
export function refuseUnlistedSkips(run: TestRun): TestRun {
  const unlisted = run.skips.filter((reason) => !allowedSkips.includes(reason));
  if (unlisted.length === 0) return run;
  return {
    ...run,
    skips: run.skips.filter((reason) => allowedSkips.includes(reason)),
    failed: run.failed + unlisted.length,
    problems: [...run.problems, ...unlisted.map((reason) => `skipped for a reason that CI does not allow: ${reason}`)],
  };
}

/** One line for a test program, and all that it printed when it failed. */
export function runReport(run: TestRun): string {
  const mark = run.failed > 0 ? 'FAIL' : run.passed === 0 ? 'skip' : 'ok  ';
  const counts = run.failed > 0 ? `${run.failed} of ${run.failed + run.passed} failed` : `${run.passed} passed`;
  const skips = run.skips.map((reason) => `, skipped: ${reason}`).join('');
  const line = `${mark} ${run.name} (${counts}${skips}, ${(run.elapsedMs / 1000).toFixed(1)} s)\n`;
  if (run.failed === 0) return line;
  const problems = run.problems.map((problem) => `     ${problem}\n`).join('');
  const output = run.output.trimEnd();
  return `${line}${problems}${output === '' ? '' : `${output.replaceAll(/^/gm, '  | ')}\n`}`;
}

export function totalsOf(runs: readonly TestRun[]): Totals {
  const sum = (count: (run: TestRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
  return { passed: sum((run) => run.passed), failed: sum((run) => run.failed), skipped: sum((run) => run.skips.length) };
}

/** The last line of every test command; nothing else prints this shape. */
export function totalsLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`;
}

import { stripVTControlCharacters } from 'node:util';
import { type Ending, endingProblems, type Verdict, verdict } from './verdict.ts';

/**
 * Recomputes the verdict of a uvu program from its totals, because uvu 0.5.6 reports success for a throwing `before`
 * hook, a throwing `after.each`, a missing `.run()` and a committed `.only`, and knows no time-out.
 */
export function judgeUvu(ending: Ending): Verdict {
  const output = stripVTControlCharacters(ending.output);
  const totals = [...output.matchAll(/^ {2}Total: {5}(\d+)\n {2}Passed: {4}(\d+)\n {2}Skipped: {3}(\d+)$/gm)];
  const [first] = totals;
  if (first === undefined) return judgeWithoutTotals(ending, output);
  const total = Number(first[1]);
  const passed = Number(first[2]);
  const skipped = Number(first[3]);
  const problems = endingProblems(ending, passed === total);
  if (totals.length > 1) problems.push('ran its tests more than once');
  if (total === 0) problems.push('ran no test');
  if (skipped > 0) problems.push(`left out tests (${skipped}) by .only or .skip without a reason: use skipFile`);
  if (passed < total && ending.exitCode === 0) problems.push('uvu reported success: a hook threw');
  return verdict({ passed, failed: total - passed }, problems);
}

function judgeWithoutTotals(ending: Ending, output: string): Verdict {
  const skip = /^SKIP (.+)$/m.exec(output)?.[1];
  if (skip !== undefined && ending.exitCode === 0 && !ending.timedOut) {
    return verdict({ passed: 0, failed: 0, skips: [skip] }, endingProblems(ending, true));
  }
  const problems = endingProblems(ending, false);
  if (ending.exitCode !== 0 && !ending.timedOut) problems.push(`ended with status ${ending.exitCode} before its tests were done`);
  if (problems.length === 0) problems.push('printed no totals: is test.run() missing?');
  return verdict({ passed: 0, failed: 0 }, problems);
}

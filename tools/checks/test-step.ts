import type { TestKind } from '../testing/find-tests.ts';
import { refuseUnlistedSkips, runReport, totalsOf } from '../testing/report.ts';
import { runSanitizedCTests } from '../testing/run-c-tests.ts';
import { runTests } from '../testing/run-tests.ts';
import type { CheckStep } from './step.ts';

/** Tests of some kinds as a step of the check: only failing files are shown. */
export function testStep(
  name: string,
  options: { readonly root: string; readonly kinds: readonly TestKind[]; readonly isSanitized?: boolean },
): CheckStep {
  return {
    name,
    async run(signal) {
      const runs = options.isSanitized
        ? [await runSanitizedCTests({ root: options.root, signal })]
        : await runTests({ root: options.root, kinds: options.kinds, paths: [], onRun: () => {}, signal });
      const judged = process.env['CI'] === 'true' ? runs.map(refuseUnlistedSkips) : runs;
      const totals = totalsOf(judged);
      return {
        problems: judged.filter((run) => run.failed > 0).map((run) => runReport(run).trimEnd()),
        note: `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`,
      };
    },
  };
}

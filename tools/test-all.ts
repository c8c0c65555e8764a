import { join } from 'node:path';
import { staticSteps } from './check.ts';
import { startClock } from './prepare/clock.ts';
import { prepare } from './prepare/prepare.ts';
import { testKinds } from './testing/find-tests.ts';
import { refuseUnlistedSkips, runReport, totalsLine, totalsOf } from './testing/report.ts';
import type { TestRun } from './testing/run-test-file.ts';
import { runTests } from './testing/run-tests.ts';

const root = join(import.meta.dirname, '..');

/**
 * `npm test`: prepares the machine, then runs the static checks (each counts as one test) and every kind of test. The
 * last line is always the totals; returns the exit status.
 */
async function testAll(signal: AbortSignal): Promise<number> {
  const say = startClock();
  const runs: TestRun[] = [];
  const take = (run: TestRun): void => {
    const judged = process.env['CI'] === 'true' ? refuseUnlistedSkips(run) : run;
    runs.push(judged);
    process.stdout.write(runReport(judged));
  };
  try {
    await prepare({ root, say, images: ['busybox', 'guestbook', 'registry', 'dev'], into: 'cache' });
  } catch (error) {
    take(failedRun('preparation', error));
    process.stdout.write(totalsLine(totalsOf(runs)));
    return 1;
  }
  say('static checks');
  for (const step of staticSteps(root)) {
    const startedMs = performance.now();
    const { problems } = await step.run(signal);
    const name = `check: ${step.name}`;
    const failed = problems.length > 0 ? 1 : 0;
    take({
      name,
      passed: 1 - failed,
      failed,
      skips: [],
      problems: [],
      output: problems.join('\n'),
      elapsedMs: performance.now() - startedMs,
    });
  }
  for (const kind of testKinds) {
    say(`${kind} tests`);
    await runTests({ root, kinds: [kind], paths: [], onRun: take, signal });
  }
  say('done');
  const totals = totalsOf(runs);
  process.stdout.write(totalsLine(totals));
  return totals.failed === 0 ? 0 : 1;
}

function failedRun(name: string, error: unknown): TestRun {
  const message = error instanceof Error ? error.message : String(error);
  return { name, passed: 0, failed: 1, skips: [], problems: [message], output: '', elapsedMs: 0 };
}

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(new Error(name)));
process.exitCode = await testAll(controller.signal);

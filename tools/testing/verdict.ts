/** What became of one test program. `failed` counts at least 1 when there is a problem. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** Reasons, one for each skip. */
  readonly skips: readonly string[];
  /** What is wrong beside failing tests: in words, for people. */
  readonly problems: readonly string[];
}

/** What the judges look at: how a test program ended and what it printed. */
export interface Ending {
  readonly exitCode: number;
  readonly output: string;
  readonly timedOut: boolean;
  readonly timeoutMs: number;
  readonly leftovers: readonly string[];
}

/** Counts every program with a problem as failing, even when each of its tests passed. */
export function verdict(
  counts: { passed: number; failed: number; skips?: readonly string[] },
  problems: readonly string[],
): Verdict {
  const failed = problems.length > 0 && counts.failed === 0 ? 1 : counts.failed;
  return { passed: counts.passed, failed, skips: counts.skips ?? [], problems };
}

/** Problems that any kind of test program can have. `isPassing`: its own report claims that all is well. */
export function endingProblems(ending: Ending, isPassing: boolean): string[] {
  const problems: string[] = [];
  if (ending.timedOut) problems.push(`did not end within ${ending.timeoutMs / 1000} s (declare more with "// timeout: 60s")`);
  else if (isPassing && ending.exitCode !== 0) problems.push(`ended with status ${ending.exitCode} although no test failed`);
  if (ending.leftovers.length > 0) problems.push(`left processes running: ${ending.leftovers.join(', ')}`);
  return problems;
}

import { type Ending, endingProblems, type Verdict, verdict } from './verdict.ts';

/**
 * Verdict over the output of any number of TAP programs run one after the other. Each program's plan (`1..N`, first or
 * last) must match what it printed; `# SKIP reason` is a named skip; output without any plan is a failure.
 */
export function judgeTap(ending: Ending): Verdict {
  const points = [...ending.output.matchAll(/^(not )?ok\b[^\n#]*(?:#\s*SKIP\S*\s*([^\n]*))?/gim)];
  const planned = [...ending.output.matchAll(/^1\.\.(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  const skips = points.filter(([, , reason]) => reason !== undefined).map(([, , reason]) => reason || 'no reason given');
  const failed = points.filter(([, not, reason]) => not !== undefined && reason === undefined).length;
  const problems = endingProblems(ending, failed === 0);
  if (points.length === 0) problems.push('printed no TAP test point');
  else if (planned !== points.length) problems.push(`planned ${planned} TAP test points but printed ${points.length}`);
  return verdict({ passed: points.length - failed - skips.length, failed, skips }, problems);
}

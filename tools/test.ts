import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type TestKind, testKinds } from './testing/find-tests.ts';
import { refuseUnlistedSkips, runReport, totalsLine, totalsOf } from './testing/report.ts';
import { runTests } from './testing/run-tests.ts';

const usage = `usage: bin/node tools/test.ts [--kind unit,c,engine,scenario] [--strict] [part of a path…]
Without --kind all unit tests, or all kinds when paths are given. --strict (also CI=true): an unlisted skip is a failure.`;

/**
 * Runs tests and ends with the line `N passed, N failed, N skipped`. Returns the exit status: 0 when something passed
 * and nothing failed.
 */
export async function runTestCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { kind: { type: 'string' }, strict: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const isStrict = values.strict ?? process.env['CI'] === 'true';
  const judge = isStrict ? refuseUnlistedSkips : (run: Parameters<typeof refuseUnlistedSkips>[0]) => run;
  const runs = await runTests({
    root: join(import.meta.dirname, '..'),
    kinds: kindsOf(values.kind, positionals),
    paths: positionals,
    onRun: (run) => process.stdout.write(runReport(judge(run))),
    signal,
  });
  const totals = totalsOf(runs.map(judge));
  process.stdout.write(totalsLine(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

function kindsOf(text: string | undefined, paths: readonly string[]): readonly TestKind[] {
  if (text === undefined) return paths.length > 0 ? testKinds : ['unit'];
  const kinds = text.split(',');
  const unknown = kinds.find((kind) => !testKinds.includes(kind as TestKind));
  if (unknown !== undefined) throw new Error(`unknown kind of test "${unknown}"\n${usage}`);
  return kinds as TestKind[];
}

if (import.meta.main) {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  process.once('SIGTERM', () => controller.abort(new Error('terminated')));
  process.exitCode = await runTestCommand(process.argv.slice(2), controller.signal);
}

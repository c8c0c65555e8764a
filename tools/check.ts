import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkImports } from './check-imports.ts';
import { checkFunctions } from './checks/check-functions.ts';
import { checkGenerated } from './checks/check-generated.ts';
import { checkNames } from './checks/check-names.ts';
import { checkSizes } from './checks/check-sizes.ts';
import { checkTestSources } from './checks/check-test-sources.ts';
import { generatedFiles } from './checks/generated-files.ts';
import { type CheckStep, programStep } from './checks/step.ts';
import { testStep } from './checks/test-step.ts';
import { untestedCodes } from './generate-errors-page.ts';
import { sourceFiles } from './testing/find-tests.ts';

const supervisor = 'runtime-native/supervisor';

/**
 * `npm run check`: every house rule that a program can test. One line a step with its time; findings below it. Runs all
 * steps even when one fails. Returns the exit status.
 */
export async function check(options: {
  readonly root: string;
  readonly isAll: boolean;
  readonly signal: AbortSignal;
}): Promise<number> {
  let failed = 0;
  for (const step of checkSteps(options)) {
    const startedMs = performance.now();
    const { problems, warnings = [], note } = await step.run(options.signal);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(
      `${problems.length > 0 ? 'FAIL' : 'ok  '} ${step.name} (${note === undefined ? '' : `${note}, `}${seconds} s)\n`,
    );
    for (const warning of warnings) process.stdout.write(`     note: ${warning}\n`);
    for (const problem of problems) process.stdout.write(`${problem.replaceAll(/^/gm, '     ')}\n`);
    if (problems.length > 0) failed++;
  }
  process.stdout.write(failed === 0 ? 'the check passed\n' : `${failed} steps of the check failed\n`);
  return failed === 0 ? 0 : 1;
}

function checkSteps(options: { readonly root: string; readonly isAll: boolean }): readonly CheckStep[] {
  const { root, isAll } = options;
  return [...staticSteps(root), testStep('unit tests', { root, kinds: ['unit'] }), ...(isAll ? allSteps(root) : [])];
}

/** The steps that read and compile but run no test. */
export function staticSteps(root: string): readonly CheckStep[] {
  const program = (name: string, argv: readonly string[]): CheckStep => programStep(name, argv, { cwd: root });
  return [
    program('format and lint', ['node_modules/.bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.']),
    program('types', ['node_modules/.bin/tsc', '-p', '.']),
    { name: 'import rule', run: () => ({ problems: checkImports(root) }) },
    { name: 'file sizes', run: () => checkSizes(readSources(root)) },
    { name: 'functions', run: () => checkFunctions(readSources(root)) },
    { name: 'names and notes', run: () => checkNames(readSources(root)) },
    { name: 'tests can fail', run: () => checkTestSources(readSources(root)) },
    { name: 'generated files', run: () => checkGenerated(root, generatedFiles) },
    { name: 'codes have tests', run: () => untestedCodes(root) },
    ...(hasSupervisor(root) ? [program('C, warnings are errors', ['make', '-s', '-C', supervisor])] : []),
  ];
}

function hasSupervisor(root: string): boolean {
  return existsSync(join(root, supervisor, 'Makefile'));
}

/** What `--all` adds: everything that needs root, or minutes. */
function allSteps(root: string): readonly CheckStep[] {
  return [
    ...(hasSupervisor(root)
      ? [
          programStep('C analyzer', ['make', '-s', '-C', supervisor, 'analyze'], { cwd: root }),
          testStep('C tests', { root, kinds: ['c'] }),
          testStep('C tests with sanitizers', { root, kinds: ['c'], isSanitized: true }),
        ]
      : []),
    testStep('engine tests', { root, kinds: ['engine'] }),
    testStep('scenario tests', { root, kinds: ['scenario'] }),
  ];
}

function readSources(root: string): readonly { readonly path: string; readonly text: string }[] {
  const paths = ['.ts', '.c', '.h'].flatMap((ending) => sourceFiles(root, ending));
  return paths
    .filter((path) => !/^tools\/test\/.*\/samples\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { all: { type: 'boolean' } } });
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(new Error(name)));
  const root = join(import.meta.dirname, '..');
  process.exitCode = await check({ root, isAll: values.all ?? false, signal: controller.signal });
}

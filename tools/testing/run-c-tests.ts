import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { judgeTap } from './judge-tap.ts';
import { type TestRun, testEnvironment } from './run-test-file.ts';
import { endingProblems, verdict } from './verdict.ts';

const directory = 'runtime-native/supervisor';
const buildTimeoutMs = 180_000;
const runTimeoutMs = 60_000;

export interface CTestRequest {
  readonly root: string;
  readonly signal?: AbortSignal;
}

/**
 * Names of the C test programs (`test/<name>.c` beside the supervisor's sources). Each prints TAP; fuzz drivers are not tests.
 */
export function cTestNames(root: string): readonly string[] {
  const sources = readdirSync(join(root, directory, 'test')).filter((name) => name.endsWith('.c') && !name.startsWith('fuzz-'));
  return sources.map((name) => name.slice(0, -'.c'.length)).sort();
}

/** Builds both native programs and one test program, runs it and judges its TAP. */
export async function runCTest(request: CTestRequest & { readonly name: string }): Promise<TestRun> {
  const { name } = request;
  const build = await runInSupervisor(request, ['make', '-s', 'all', `build/test/${name}`], buildTimeoutMs);
  const path = `${directory}/test/${name}.c`;
  if (build.exitCode !== 0) {
    return {
      ...verdict({ passed: 0, failed: 1 }, ['does not build']),
      name: path,
      output: build.output,
      elapsedMs: build.elapsedMs,
    };
  }
  const result = await runInSupervisor(request, [`build/test/${name}`], runTimeoutMs);
  return { ...judgeTap({ ...result, timeoutMs: runTimeoutMs }), name: path, output: result.output, elapsedMs: result.elapsedMs };
}

/** `make sanitize`: all C tests again with the address and undefined behaviour sanitizers, judged by its totals. */
export async function runSanitizedCTests(request: CTestRequest): Promise<TestRun> {
  const timeoutMs = 2 * buildTimeoutMs;
  const result = await runInSupervisor(request, ['make', '-s', 'sanitize'], timeoutMs);
  const [, passed = '0', failed = '0'] = /^(\d+) passed, (\d+) failed$/m.exec(result.output) ?? [];
  const problems = endingProblems({ ...result, timeoutMs }, failed === '0');
  if (passed === '0') problems.push('no test passed');
  return {
    ...verdict({ passed: Number(passed), failed: Number(failed) }, problems),
    name: `make -C ${directory} sanitize`,
    output: result.output,
    elapsedMs: result.elapsedMs,
  };
}

function runInSupervisor(request: CTestRequest, argv: readonly string[], timeoutMs: number) {
  return runCommand({
    argv,
    cwd: join(request.root, directory),
    env: testEnvironment(process.env),
    timeoutMs,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
}

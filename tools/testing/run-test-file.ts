import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { inspectTestSource } from './inspect-test-source.ts';
import { judgeUvu } from './judge-uvu.ts';
import { type Verdict, verdict } from './verdict.ts';

export interface TestRun extends Verdict {
  readonly name: string;
  readonly output: string;
  readonly elapsedMs: number;
}

const defaultTimeoutMs = 60_000;

/** Runs one test file in a process of its own, from the repository's root, and judges it. */
export async function runTestFile(request: {
  readonly root: string;
  readonly path: string;
  readonly signal?: AbortSignal;
}): Promise<TestRun> {
  const text = readFileSync(join(request.root, request.path), 'utf8');
  const timeoutMs = declaredTimeoutMs(text);
  const result = await runCommand({
    argv: [process.execPath, '--disable-warning=ExperimentalWarning', request.path],
    cwd: request.root,
    env: testEnvironment(process.env),
    timeoutMs,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const judged = judgeUvu({ ...result, timeoutMs });
  const problems = [...judged.problems, ...inspectTestSource({ path: request.path, text })];
  return { ...verdict(judged, problems), name: request.path, output: result.output, elapsedMs: result.elapsedMs };
}

/** `// timeout: 60s` (or `2m`) among the first lines of a test file; a minute unless declared. */
export function declaredTimeoutMs(text: string): number {
  const [, amount, unit] = /^\/\/ timeout: (\d+)(s|m)$/m.exec(text.split('\n').slice(0, 10).join('\n')) ?? [];
  return amount === undefined ? defaultTimeoutMs : Number(amount) * (unit === 'm' ? 60_000 : 1000);
}

/** No colours, and a state root that cannot be written: a test that forgets to set its own must not meet the user's. */
export function testEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...rest } = env;
  return { ...rest, NO_COLOR: '1', TSCOMPOSE_ROOT: '/proc/a-test-sets-its-own-root' };
}

import { runCommand } from '../process/run-command.ts';
import { judgeTap } from './judge-tap.ts';
import { type TestRun, testEnvironment } from './run-test-file.ts';

const timeoutMs = 180_000;

/** Builds and runs the supervisor's own test programs (`make test`), which print TAP. */
export async function runCTests(request: {
  readonly root: string;
  readonly target: 'test' | 'sanitize';
  readonly signal?: AbortSignal;
}): Promise<TestRun> {
  const directory = 'runtime-native/supervisor';
  const result = await runCommand({
    argv: ['make', '--no-print-directory', '-C', directory, request.target],
    cwd: request.root,
    env: testEnvironment(process.env),
    timeoutMs,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  return {
    ...judgeTap({ ...result, timeoutMs }),
    name: `make -C ${directory} ${request.target}`,
    output: result.output,
    elapsedMs: result.elapsedMs,
  };
}

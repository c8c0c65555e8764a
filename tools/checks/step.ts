import { runCommand } from '../process/run-command.ts';

/** What one step of the check found; problems make it fail, warnings are shown. */
export interface Findings {
  readonly problems: readonly string[];
  readonly warnings?: readonly string[];
  /** A few words for the step's line, such as a count. */
  readonly note?: string;
}

export interface CheckStep {
  readonly name: string;
  run(signal: AbortSignal): Promise<Findings> | Findings;
}

/** A step that is a program: its output is the problem when it does not end with 0. */
export function programStep(
  name: string,
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): CheckStep {
  return {
    name,
    async run(signal) {
      const result = await runCommand({
        argv,
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        timeoutMs: 300_000,
        signal,
      });
      return { problems: result.exitCode === 0 ? [] : [result.output.trimEnd() || `ended with status ${result.exitCode}`] };
    },
  };
}

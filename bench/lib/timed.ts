import { runCommand } from '#tools/process/run-command.ts';

export interface TimedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Milliseconds from spawn to exit of a whole command; throws with its output when it fails. */
export async function timed(command: TimedCommand): Promise<number> {
  const result = await runCommand({ ...command, timeoutMs: 120_000 });
  if (result.exitCode === 0) return result.elapsedMs;
  throw new Error(`"${command.argv.join(' ')}" ended with status ${result.exitCode}:\n${result.output}`);
}

import { runCommand } from '#tools/process/run-command.ts';

export interface TimedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs?: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Milliseconds from spawn to exit of a whole command; throws with its output when it fails. */
export async function timed(command: TimedCommand): Promise<number> {
  const result = await runCommand({ timeoutMs: 120_000, ...command });
  if (result.exitCode === 0) return result.elapsedMs;
  throw new Error(`"${command.argv.join(' ')}" ended with status ${result.exitCode}:\n${result.output}`);
}

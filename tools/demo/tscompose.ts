import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { runForeground } from '../process/run-foreground.ts';

/** The `tscompose` of this checkout, in the directory of one sample. */
export interface Tscompose {
  /** On the terminal; resolves with the exit status. */
  show(...args: readonly string[]): Promise<number>;
  /** Its stdout, trimmed; undefined when it fails. */
  ask(...args: readonly string[]): Promise<string | undefined>;
}

export function tscomposeIn(root: string, directory: string): Tscompose {
  const program = join(root, 'bin/tscompose');
  const cwd = join(root, directory);
  return {
    show: (...args) => runForeground({ argv: [program, ...args], cwd }),
    async ask(...args) {
      const result = await runCommand({ argv: [program, ...args], cwd, timeoutMs: 30_000 });
      return result.exitCode === 0 ? result.stdout.trim() : undefined;
    },
  };
}

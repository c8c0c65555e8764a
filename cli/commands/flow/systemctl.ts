import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { CommandContext } from '../../context.ts';

/** Runs a `systemctl` command line that is shown first. Rejects with `cli.systemctl-failed`. */
export async function systemctl(context: CommandContext, words: string): Promise<void> {
  const line = `systemctl ${words}`;
  context.output.note(`+ ${line}`);
  const status = await context.host.runShell(line);
  if (status !== 0) throw new TscomposeError(diagnose('cli.systemctl-failed', { command: line, status }));
}

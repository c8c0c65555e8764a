import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from './catalogue.ts';
import type { Command } from './command.ts';
import { usageLine } from './help.ts';

/** Rejects a command line with too few or too many operands, or with flags that exclude each other. */
export function checkUse(
  program: string,
  command: Command,
  use: { given: ReadonlySet<string>; operands: readonly string[] },
): void {
  for (const [first, ...others] of command.conflicts) {
    const other = others.find((one) => use.given.has(one));
    if (first !== undefined && use.given.has(first) && other !== undefined) {
      throw new TscomposeError(diagnose('cli.flags-conflict', { one: `--${first}`, other: `--${other}` }));
    }
  }
  const usage = usageLine(program, command);
  const needed = command.operands.filter((one) => !one.optional);
  const missing = needed[use.operands.length];
  if (missing !== undefined) throw new TscomposeError(diagnose('cli.missing-operand', { operand: missing.name, usage }));
  const extra = use.operands[command.operands.length];
  if (extra !== undefined && command.operands.at(-1)?.many !== true) {
    throw new TscomposeError(diagnose('cli.unexpected-operand', { operand: extra, usage }));
  }
}

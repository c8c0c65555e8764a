import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { Flag, Instruction } from './instruction.ts';

/**
 * The flags of an instruction in the order of `allowed`, undefined where one is absent; a flag that may stand several
 * times is the last one here. Throws `build.unknown-flag`.
 */
export function checkFlags(instruction: Instruction, allowed: readonly string[]): readonly (Flag | undefined)[] {
  for (const { name, span } of instruction.flags) {
    if (allowed.includes(name)) continue;
    throw new TscomposeError(diagnose('build.unknown-flag', { instruction: instruction.keyword, flag: name, allowed }, span));
  }
  return allowed.map((name) => instruction.flags.findLast((flag) => flag.name === name));
}

/** A flag that is on or off: alone it is on. */
export function isOn(flag: Flag | undefined, instruction: Instruction): boolean {
  if (flag === undefined) return false;
  if (flag.value === undefined || flag.value === 'true') return true;
  if (flag.value === 'false') return false;
  const reason = `--${flag.name} of ${instruction.keyword} is true or false, not "${flag.value}"`;
  throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, flag.span));
}

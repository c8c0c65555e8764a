import type { CommandContext } from '../context.ts';
import type { Flags, FlagValues } from './flags.ts';

/** A positional argument, in order; only the last one may be `many`. */
export interface Operand {
  /** As the help shows it, upper case. */
  readonly name: string;
  readonly optional?: boolean;
  readonly many?: boolean;
}

export interface CommandInput<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** Long spellings of the flags that the command line names. */
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  readonly context: CommandContext;
}

export interface CommandSpec<F extends Flags> {
  /** `up`, or `image ls` for a command of a group. */
  readonly name: string;
  readonly summary: string;
  readonly flags: F;
  readonly operands: readonly Operand[];
  /** In each row the first flag cannot be used together with any of the others. */
  readonly conflicts?: readonly (readonly (keyof F & string)[])[];
  /** Command lines for the help, with what they do. */
  readonly examples?: readonly { readonly line: string; readonly does: string }[];
  /** Flags end at the first operand (`exec`, `run`): what follows belongs to the operand's own command. */
  readonly flagsFirst?: boolean;
  /** It changes something without making a plan first: with --dry-run it is refused. */
  readonly changesAtOnce?: boolean;
  /** Resolves with the exit status. Prints through the context only. */
  readonly run: (input: CommandInput<F>) => Promise<number>;
}

/** A command whose flag types are forgotten, as the parser and the help see it. */
export interface Command extends Omit<CommandSpec<Flags>, 'run' | 'conflicts'> {
  readonly conflicts: readonly (readonly string[])[];
  // biome-ignore lint/suspicious/noExplicitAny: the parser builds the flags by the same declaration that types `run`.
  readonly run: (input: CommandInput<any>) => Promise<number>;
}

/** Declares a command: help, completion, parsing and the reference page are derived from it; flag types are inferred. */
export function command<const F extends Flags>(spec: CommandSpec<F>): Command {
  return { ...spec, conflicts: spec.conflicts ?? [] };
}

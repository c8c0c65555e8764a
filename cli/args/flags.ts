/** One flag of a command; the key in the `flags` object is its long spelling. */
export type FlagSpec = BooleanFlag | StringFlag | NumberFlag | ListFlag;

interface FlagBase {
  /** One letter. */
  readonly alias?: string;
  readonly help: string;
  /** Accepted but not shown by `--help`. */
  readonly hidden?: boolean;
  /** Other long spellings of the same flag; `deprecated` ones print a warning. */
  readonly spellings?: readonly { readonly name: string; readonly deprecated?: boolean }[];
  /** Accepted without effect, with this explanation as a warning. */
  readonly ignored?: string;
}
export interface BooleanFlag extends FlagBase {
  readonly type: 'boolean';
  readonly default?: boolean;
}
export interface StringFlag extends FlagBase {
  readonly type: 'string';
  readonly choices?: readonly string[];
  readonly default?: string;
  /** What the help shows for the value. */
  readonly value?: string;
}
export interface NumberFlag extends FlagBase {
  readonly type: 'number';
  readonly default?: number;
  /** Smallest allowed value. */
  readonly min?: number;
}
export interface ListFlag extends FlagBase {
  readonly type: 'list';
  readonly value?: string;
}

export type Flags = Readonly<Record<string, FlagSpec>>;

/** The value type of each flag, inferred from its declaration. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };

type FlagValue<S> = S extends { type: 'boolean' }
  ? boolean
  : S extends { type: 'list' }
    ? readonly string[]
    : S extends { type: 'number' }
      ? number | (S extends { default: number } ? never : undefined)
      : S extends { type: 'string'; choices: readonly (infer C)[] }
        ? C | (S extends { default: string } ? never : undefined)
        : string | (S extends { default: string } ? never : undefined);

import type { Span } from '../source/span.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * The one shape for everything that a user can cause or should know (style: errors 20).
 * `code` is `area.condition` in kebab-case; a published code never changes its meaning.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, with the user's own names in quotes; no final full stop, no line break. */
  readonly message: string;
  /** The next command or edit. */
  readonly hint?: string;
  readonly at?: Span;
  /** Place in the project model (`services`, `web`, `init`), from phases that have no spans; `at` wins. */
  readonly path?: readonly string[];
  readonly related?: readonly { readonly at: Span; readonly label: string }[];
  /** Exit status that this condition asks for when it ends a command; 1 unless the catalogue says otherwise. */
  readonly exit?: number;
}

/** A catalogue row: text is written here and nowhere else. */
export interface CatalogueEntry<P> {
  readonly severity: Severity;
  readonly message: (params: P) => string;
  readonly hint?: (params: P) => string | undefined;
  readonly exit?: number;
}

/** Types one row of a catalogue by its parameters. */
export function entry<P>(row: CatalogueEntry<P>): CatalogueEntry<P> {
  return row;
}

// biome-ignore lint/suspicious/noExplicitAny: the parameter type differs by row; `diagnose` narrows it by code.
export type Catalogue = Readonly<Record<string, CatalogueEntry<any>>>;

export type ParamsOf<C extends Catalogue, K extends keyof C> = C[K] extends CatalogueEntry<infer P> ? P : never;

/** Binds `diagnose` to a catalogue: `const diagnose = diagnoser(catalogue)`; a wrong parameter does not compile. */
export function diagnoser<C extends Catalogue>(catalogue: C) {
  return <K extends keyof C & string>(code: K, params: ParamsOf<C, K>, at?: Span): Diagnostic => {
    const row = catalogue[code] as CatalogueEntry<ParamsOf<C, K>>;
    const hint = row.hint?.(params);
    return {
      code,
      severity: row.severity,
      message: row.message(params),
      ...(hint === undefined ? {} : { hint }),
      ...(at === undefined ? {} : { at }),
      ...(row.exit === undefined ? {} : { exit: row.exit }),
    };
  };
}

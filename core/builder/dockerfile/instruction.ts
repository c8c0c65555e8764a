import type { SourceFile, Span } from '../../source/span.ts';

/** A Dockerfile cut into instructions; nothing is expanded and no instruction is understood yet. */
export interface Dockerfile {
  readonly file: SourceFile;
  readonly escapeMark: Escape;
  /** `# syntax=`: told, not followed; this is the only frontend. */
  readonly syntax?: string;
  readonly check: { readonly skip: readonly string[]; readonly experimental: readonly string[]; readonly error: boolean };
  readonly instructions: readonly Instruction[];
  /** Places where an empty line stands inside a continued instruction. */
  readonly emptyContinuations: readonly Span[];
}

export type Escape = '\\' | '`';

export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  readonly written: string;
  readonly flags: readonly Flag[];
  /** What follows the flags, continuation lines joined, without heredoc bodies. */
  readonly text: string;
  readonly heredocs: readonly Heredoc[];
  /** The whole joined line as written, for people to read. */
  readonly line: string;
  readonly span: Span;
  /** Place of an offset in `text`. */
  readonly place: (start: number, end: number) => Span;
}

/** `--name=value`; without `=` there is no value. */
export interface Flag {
  readonly name: string;
  readonly value: string | undefined;
  readonly span: Span;
}

/** `<<NAME` with its body; a quoted name means that nothing in it is expanded. */
export interface Heredoc {
  readonly name: string;
  readonly isExpanded: boolean;
  readonly content: string;
  /** As `content`, with the tabs that `<<-` takes away. */
  readonly raw: string;
  /** File descriptor before `<<`, for shells. */
  readonly descriptor: string;
}

/** One source text with the name under which messages show it. */
export interface SourceFile {
  /** Path as the user knows it: relative to the working directory where that is shorter, `-` for stdin. */
  readonly name: string;
  /** Absolute path, or `undefined` for stdin and generated text. */
  readonly path: string | undefined;
  readonly text: string;
}

/** A piece of a source text: offsets in UTF-16 code units, `end` exclusive. Line and column are computed when printing. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** 1-based line and column (in code points) of an offset. */
export function positionOf(file: SourceFile, offset: number): { line: number; column: number } {
  const before = file.text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++;
  return { line, column: [...before.slice(lineStart)].length + 1 };
}

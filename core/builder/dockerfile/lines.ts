/** A physical line without its line break, with its offset in the text. */
export interface Line {
  readonly text: string;
  readonly offset: number;
}

/** Lines of a text; `\r\n` counts as one break, a byte order mark at the start as nothing. */
export function splitLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let offset = text.startsWith('\ufeff') ? 1 : 0;
  while (offset < text.length) {
    const found = text.indexOf('\n', offset);
    const end = found === -1 ? text.length : found;
    const line = text.slice(offset, end);
    lines.push({ text: line.endsWith('\r') ? line.slice(0, -1) : line, offset });
    offset = end + 1;
  }
  return lines;
}

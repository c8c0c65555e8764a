import type { Escape } from './instruction.ts';
import type { Line } from './lines.ts';

/** An instruction's lines joined into one; knows where in the file each part came from. */
export interface Joined {
  readonly text: string;
  /** Index of the first line that does not belong to it. */
  readonly next: number;
  /** Offsets of empty lines inside. */
  readonly emptyLines: readonly number[];
  readonly offsetOf: (index: number) => number;
}

/** Joins the lines from `first` on that end in the escape character; comments and empty lines between them vanish. */
export function joinLines(lines: readonly Line[], first: number, escapeMark: Escape): Joined {
  const pieces: { readonly at: number; readonly offset: number }[] = [];
  const emptyLines: number[] = [];
  let text = '';
  let at = first;
  let isContinued = true;
  for (; isContinued && at < lines.length; at++) {
    const line = lines[at];
    if (line === undefined) break;
    const isFirst = at === first;
    if (!isFirst && line.text.trimStart().startsWith('#')) continue;
    if (!isFirst && line.text.trim() === '') {
      emptyLines.push(line.offset);
      continue;
    }
    const indent = isFirst ? line.text.length - line.text.trimStart().length : 0;
    pieces.push({ at: text.length, offset: line.offset + indent });
    const body = line.text.slice(indent);
    const continuation = continuationStart(body, escapeMark);
    isContinued = continuation !== undefined;
    text += continuation === undefined ? body : body.slice(0, continuation);
  }
  return {
    text,
    next: at,
    emptyLines,
    offsetOf: (index) => {
      const piece = pieces.findLast((one) => one.at <= index) ?? pieces[0];
      return piece === undefined ? 0 : piece.offset + (index - piece.at);
    },
  };
}

/** Where the escape character stands that continues the line; doubled it is an ordinary character. */
function continuationStart(text: string, escapeMark: Escape): number | undefined {
  const trimmed = text.replace(/[ \t]+$/, '');
  if (!trimmed.endsWith(escapeMark)) return undefined;
  const at = trimmed.length - 1;
  return at > 0 && trimmed.charAt(at - 1) === escapeMark ? undefined : at;
}

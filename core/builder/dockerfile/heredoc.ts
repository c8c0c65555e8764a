import type { Escape, Heredoc } from './instruction.ts';
import type { Line } from './lines.ts';

/** `<<NAME` or `<<-NAME` as it stands in an instruction. */
export interface HeredocMark {
  readonly name: string;
  readonly isExpanded: boolean;
  readonly stripsTabs: boolean;
  readonly descriptor: string;
}

/** Heredoc words of an instruction, in order; those inside quotes are text. */
export function heredocMarks(text: string, escapeMark: Escape): readonly HeredocMark[] {
  return rawWords(text, escapeMark).flatMap((word) => heredocMark(word) ?? []);
}

/** The mark that a word is, if it is one. */
export function heredocMark(word: string): HeredocMark | undefined {
  const [, descriptor = '', dash = '', rest = ''] = /^(\d*)<<(-?)([^<]*)$/.exec(word) ?? [];
  if (rest === '') return undefined;
  const name = rest.replaceAll(/["'\\]/g, '');
  if (name === '' || !/^[^\s]+$/.test(name)) return undefined;
  return { name, isExpanded: name === rest, stripsTabs: dash === '-', descriptor };
}

/** Reads a heredoc's body from line `first` on; undefined when its end is missing. */
export function readHeredoc(
  lines: readonly Line[],
  first: number,
  mark: HeredocMark,
): { readonly heredoc: Heredoc; readonly next: number } | undefined {
  const content: string[] = [];
  const rawLines: string[] = [];
  for (let at = first; at < lines.length; at++) {
    const raw = lines[at]?.text ?? '';
    const text = mark.stripsTabs ? raw.replace(/^\t+/, '') : raw;
    if (text === mark.name) {
      const { name, isExpanded, descriptor } = mark;
      return { heredoc: { name, isExpanded, descriptor, content: textOf(content), raw: textOf(rawLines) }, next: at + 1 };
    }
    content.push(text);
    rawLines.push(raw);
  }
  return undefined;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Words as written, quotes kept. */
export function rawWords(text: string, escapeMark: Escape): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === '' && /\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += character;
    if (character === escapeMark && quote !== "'") word += text.charAt(++at);
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  if (word !== '') words.push(word);
  return words;
}

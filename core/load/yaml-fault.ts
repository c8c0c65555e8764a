import type { Span } from '../source/span.ts';

/** A YAML fault in our words, at the place where a person would look. */
export interface YamlFault {
  readonly reason: string;
  readonly hint: string | undefined;
  readonly at: Span;
}

/** Words for the parser's codes that need better ones; the parser's own text serves for the others. */
const words: Readonly<Record<string, { readonly reason?: string; readonly hint?: string }>> = {
  BAD_INDENT: {
    reason: 'the indentation does not fit the lines before',
    hint: 'members of one mapping, and items of one list, start in the same column',
  },
  BAD_SCALAR_START: { hint: 'text that starts with such a character needs quotes' },
  BAD_DQ_ESCAPE: { hint: 'in double quotes a backslash is written \\\\; in single quotes it stands for itself' },
  TAB_AS_INDENT: { reason: 'a tab is used as indentation', hint: 'this line is indented with a tab; YAML wants spaces' },
};

const colonHint = 'does a colon need a blank after it, or a text with ": " in it quotes, on this line or the one before?';

/** Explains a fault that the YAML parser reported. */
export function explainYaml(fault: { readonly code: string; readonly message: string; readonly at: Span }): YamlFault {
  const { code, message, at } = fault;
  const place = visiblePlace(at);
  const line = lineAt(place);
  if (/^ *\t/.test(line) && code !== 'BAD_DQ_ESCAPE') return { ...bestWords('TAB_AS_INDENT', message), at: place };
  if (message.startsWith('Missing closing')) {
    const quote = message.includes('"') ? '"' : "'";
    return { reason: `a text in quotes is not closed`, hint: `it needs a ${quote} at its end`, at: openingQuote(at, quote) };
  }
  if (/implicit key|Nested mappings|Implicit map|Unexpected scalar at node end/i.test(message)) {
    const reason = 'this cannot be read as a mapping member or a single value';
    const hint = /^\s*-\S/.test(line) ? 'a list item needs a blank after the dash' : colonHint;
    return { reason, hint, at: place };
  }
  return { ...bestWords(code, message), at: place };
}

function bestWords(code: string, message: string): { reason: string; hint: string | undefined } {
  const own = words[code];
  return { reason: own?.reason ?? message.charAt(0).toLowerCase() + message.slice(1), hint: own?.hint };
}

function lineAt(at: Span): string {
  const { text } = at.file;
  const start = text.lastIndexOf('\n', at.start - 1) + 1;
  const end = text.indexOf('\n', at.start);
  return text.slice(start, end === -1 ? undefined : end);
}

/** The parser points to the blanks at a line's start; the first character after them is meant. */
function visiblePlace(at: Span): Span {
  const rest = /^[ \t]*/.exec(at.file.text.slice(at.start, at.start + 1000))?.[0].length ?? 0;
  const start = at.file.text[at.start + rest] === undefined ? at.start : at.start + rest;
  return { file: at.file, start, end: Math.max(at.end, start + 1) };
}

/** Where the text that never ends begins: the last quote before which nothing but a key, a dash or a bracket stands. */
function openingQuote(at: Span, quote: string): Span {
  const { text } = at.file;
  let start = text.lastIndexOf(quote, at.start);
  // A few quotes are enough to look at; a line of a million of them is no honest mistake.
  for (let tries = 0; tries < 100 && start > 0; tries++, start = text.lastIndexOf(quote, start - 1)) {
    const before = text.slice(Math.max(text.lastIndexOf('\n', start - 1) + 1, start - 100), start);
    if (/(?:^|[:,[{-])\s*$/.test(before)) return { file: at.file, start, end: start + 1 };
  }
  return at;
}

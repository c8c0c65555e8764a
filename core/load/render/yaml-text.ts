import { resolvePlain } from '../../source/yaml-scalar.ts';

const oldBooleans = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']);
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const lineBreaks = /[\r\n\u0085\u2028\u2029]/;

/** What forms a text can take without changing. */
interface Analysis {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/** A text on one line: plain, single or double quoted as the reference's emitter chooses. */
export function inlineText(text: string): string {
  if (text.includes('\n') || !readsAsText(text)) return doubleQuoted(text);
  const { plain, single } = analyse(text);
  if (plain) return text;
  return single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text);
}

/** The lines of a text in literal block form, header first, or `undefined` when it must be quoted. */
export function literalLines(text: string): { readonly header: string; readonly lines: readonly string[] } | undefined {
  if (!text.includes('\n') || /^\n+$/.test(text) || !analyse(text).block) return undefined;
  // The reference gives no digit when only line breaks stand before the first blank.
  const indentation = text.startsWith(' ') ? '2' : '';
  const lines = text.split('\n');
  let chomping = '-';
  if (text.endsWith('\n')) {
    lines.pop();
    chomping = text.endsWith('\n\n') ? '+' : '';
  }
  return { header: `|${indentation}${chomping}`, lines };
}

function readsAsText(text: string): boolean {
  return text !== '<<' && typeof resolvePlain(text) === 'string' && !oldBooleans.has(text) && !base60.test(text);
}

function analyse(text: string): Analysis {
  const hasIndicator = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-](?:[\s]|$)|:(?:\s|$)|\s#/u.test(text);
  const hasTab = text.includes('\t');
  const isSpecial = hasUnprintable(text);
  const hasBreak = lineBreaks.test(text);
  const isEdged = /^[ \r\n]|[ \r\n]$/.test(text);
  const blankBeforeBreak = / [\r\n\u0085\u2028\u2029]/.test(text);
  const breakBeforeBlank = /[\r\n\u0085\u2028\u2029] /.test(text);
  return {
    plain: !hasIndicator && !hasTab && !isSpecial && !hasBreak && !isEdged,
    single: !breakBeforeBlank && !blankBeforeBreak && !hasTab && !isSpecial,
    block: !text.endsWith(' ') && !blankBeforeBreak && !isSpecial,
  };
}

function hasUnprintable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must be escaped.
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/.test(text.replaceAll('\t', ''));
}

const named: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const short = named[character];
    if (short !== undefined) result += short;
    else if (code > 0xffff) result += `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`;
    else if (!hasUnprintable(character)) result += character;
    else if (code <= 0xff) result += `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else result += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return `"${result}"`;
}

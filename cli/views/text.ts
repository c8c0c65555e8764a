import { stripVTControlCharacters } from 'node:util';

/** Foreign text without terminal escapes and control characters (a tab stays), safe to print on one line. */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '');
}

/** Columns that a text takes on a terminal: two for wide characters, none for combining ones. */
export function displayWidth(text: string): number {
  // Plain ASCII is nearly all there is; the general way is slow.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/\p{Mark}|\p{Control}|\p{Format}/u.test(character)) return 0;
  // East Asian wide blocks and pictographs (Unicode TR11, condensed).
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
    character,
  )
    ? 2
    : 1;
}

/** Rows that lines take on a terminal of this width: one that has become narrower since they were printed has wrapped them. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
}

/** Text cut to a number of columns, with `…` when something is missing. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let result = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    result += character;
  }
  return `${result}…`;
}

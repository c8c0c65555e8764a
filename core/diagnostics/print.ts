import { positionOf, type Span } from '../source/span.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';

export interface PrintOptions {
  readonly color: boolean;
}

/**
 * A diagnostic as text: `file:line:column: error: message [code]`, the line it is about with a caret, the hint, related places. Control
 * characters of foreign text are shown as escapes. No final line break.
 */
export function printDiagnostic(diagnostic: Diagnostic, options: PrintOptions): string {
  const { at, severity, message, code, hint, related = [] } = diagnostic;
  const paint = painter(options.color);
  const place = at === undefined ? '' : `${paint('bold', placeText(at))}: `;
  const lines = [`${place}${paint(severity, severity)}: ${visible(message)} ${paint('dim', `[${code}]`)}`];
  if (at !== undefined) lines.push(...snippet(at, paint));
  if (hint !== undefined) lines.push(`  ${paint('bold', 'hint')}: ${visible(hint)}`);
  for (const { at: other, label } of related) {
    lines.push(`  ${paint('dim', `${placeText(other)}: ${visible(label)}`)}`, ...snippet(other, paint));
  }
  return lines.join('\n');
}

/** Text with its control characters as visible escapes, so that it cannot steer a terminal. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n') return ' ';
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

function placeText(at: Span): string {
  const { line, column } = positionOf(at.file, at.start);
  return `${visible(at.file.name)}:${line}:${column}`;
}

type Paint = (style: Severity | 'bold' | 'dim', text: string) => string;

function painter(isColored: boolean): Paint {
  const codes = { error: '1;31', warning: '1;33', info: '1;36', bold: '1', dim: '2' };
  return (style, text) => (isColored ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}

const maxWidth = 160;

function snippet(at: Span, paint: Paint): string[] {
  const { text } = at.file;
  const lineStart = text.lastIndexOf('\n', at.start - 1) + 1;
  const lineBreak = text.indexOf('\n', at.start);
  const lineEnd = lineBreak === -1 ? text.length : lineBreak;
  if (lineStart >= text.length) return [];
  // A very long line is shown around the place only.
  const from = at.start - lineStart > maxWidth / 2 ? at.start - maxWidth / 2 : lineStart;
  const to = Math.min(lineEnd, from + maxWidth);
  const clean = (part: string) => visible(part.replaceAll('\t', '  ').replace(/\r$/, ''));
  const shown = clean(text.slice(from, to));
  const before = clean(text.slice(from, at.start));
  const width = Math.max(1, clean(text.slice(at.start, Math.min(at.end, to))).trimEnd().length);
  const { line } = positionOf(at.file, at.start);
  const gutter = String(line);
  const blank = ' '.repeat(gutter.length);
  return [
    `  ${paint('dim', `${gutter} |`)} ${shown}`,
    `  ${paint('dim', `${blank} |`)} ${' '.repeat(before.length)}${paint('error', '^'.repeat(width))}`,
  ];
}

import type { Span } from '../source/span.ts';

/** The likely cause of a YAML fault, as advice. */
export function yamlHint(message: string, at: Span): string | undefined {
  const { text } = at.file;
  const lineStart = text.lastIndexOf('\n', at.start - 1) + 1;
  const lineEnd = text.indexOf('\n', at.start);
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  if (/^ *\t/.test(line)) return 'this line is indented with a tab; YAML wants spaces';
  if (/indent/i.test(message)) return 'check the indentation: members of one mapping start in the same column';
  if (/implicit key|map.*(?:after|value)|Nested mappings/i.test(message)) {
    return 'is a colon without a blank after it, or text with ": " in it that needs quotes, on this line or the one before?';
  }
  if (/^\s*-\S/.test(line)) return 'a list item needs a blank after the dash';
  if (/[@`%]/.test(line.trim().charAt(0))) return 'text that starts with @, ` or % needs quotes';
  return undefined;
}

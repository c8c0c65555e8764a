import { Float, Timestamp } from '../../source/tree.ts';
import type { Ordered } from './ordered.ts';

/** JSON text as Go's encoder writes it (`<`, `>`, `&` escaped); `indent` 0 is compact. No final line break. */
export function emitJson(value: Ordered, indent: number): string {
  return write(value, indent, '\n');
}

function write(value: Ordered, indent: number, lineBreak: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return jsonText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (value instanceof Float) return String(value.value);
  if (value instanceof Timestamp) return jsonText(value.text);
  const inner = lineBreak + ' '.repeat(indent);
  const wrap = (open: string, parts: readonly string[], close: string) => {
    if (parts.length === 0) return open + close;
    return indent === 0 ? open + parts.join(',') + close : `${open}${inner}${parts.join(`,${inner}`)}${lineBreak}${close}`;
  };
  if (Array.isArray(value))
    return wrap(
      '[',
      value.map((item) => write(item, indent, inner)),
      ']',
    );
  if (!(value instanceof Map)) throw new TypeError('value is not laid out for output');
  const separator = indent === 0 ? ':' : ': ';
  const members = [...value].map(([name, item]) => `${jsonText(String(name))}${separator}${write(item, indent, inner)}`);
  return wrap('{', members, '}');
}

function jsonText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

import { goFloat } from '../../source/go-text.ts';
import { Float, Timestamp } from '../../source/tree.ts';
import type { Ordered } from './ordered.ts';
import { inlineText, literalLines } from './yaml-text.ts';

/** Longer keys take the explicit `? key` form. */
const maxSimpleKey = 128;

/** YAML text in the reference's layout: `step` blanks a level, lists indented under their key, a line break at the end. */
export function emitYaml(value: Ordered, step = 2): string {
  const lines: string[] = [];
  writeBlock(value, { indent: 0, lead: '', lines, step });
  return `${lines.join('\n')}\n`;
}

interface Place {
  readonly indent: number;
  /** What stands on the first line already (`- `); the rest is indented to `indent`. */
  readonly lead: string;
  readonly lines: string[];
  readonly step: number;
}

function writeBlock(value: Ordered, place: Place): void {
  const { indent, lead, lines, step } = place;
  const margin = ' '.repeat(indent);
  if (value instanceof Map && value.size > 0) {
    let start = lead || margin;
    for (const [name, item] of value) {
      writeMember(String(name), item, { indent, lead: start, lines, step });
      start = margin;
    }
  } else if (Array.isArray(value) && value.length > 0) {
    let start = lead || margin;
    for (const item of value) {
      writeItem(item, { indent, lead: start, lines, step });
      start = margin;
    }
  } else lines.push(`${lead || margin}${inlineValue(value)}`);
}

function writeMember(name: string, value: Ordered, { indent, lead, lines, step }: Place): void {
  const key = inlineText(name);
  const isSimple = !name.includes('\n') && Buffer.byteLength(name) <= maxSimpleKey;
  const start = isSimple ? `${lead}${key}:` : `${lead}? ${key}`;
  if (!isSimple) {
    lines.push(start);
    const after = `${' '.repeat(indent)}:`;
    if (isNested(value)) writeBlock(value, { indent: indent + step, lead: `${after} `, lines, step });
    else writeScalar(value, { indent, lead: after, lines, step });
  } else if (isNested(value)) {
    lines.push(start);
    writeBlock(value, { indent: indent + step, lead: '', lines, step });
  } else writeScalar(value, { indent, lead: start, lines, step });
}

function writeItem(value: Ordered, { indent, lead, lines, step }: Place): void {
  if (isNested(value)) writeBlock(value, { indent: indent + step, lead: `${lead}- `, lines, step });
  else writeScalar(value, { indent, lead: `${lead}-`, lines, step });
}

function isNested(value: Ordered): boolean {
  return (value instanceof Map && value.size > 0) || (Array.isArray(value) && value.length > 0);
}

function writeScalar(value: Ordered, { indent, lead, lines, step }: Place): void {
  const literal = typeof value === 'string' ? literalLines(value) : undefined;
  if (literal === undefined) {
    lines.push(`${lead} ${inlineValue(value)}`);
    return;
  }
  lines.push(`${lead} ${literal.header}`);
  const margin = ' '.repeat(indent + step);
  for (const line of literal.lines) lines.push(line === '' ? '' : margin + line);
}

function inlineValue(value: Ordered): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return inlineText(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : goFloat(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Timestamp) return value.text;
  if (Array.isArray(value)) return '[]';
  if (value instanceof Map) return '{}';
  return String(value);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return goFloat(value);
}

import { expandTemplate, type TemplateProblem } from './template.ts';

export type EnvFileProblem =
  | { readonly kind: 'syntax'; readonly line: number; readonly message: string }
  | { readonly kind: 'template'; readonly line: number; readonly problem: TemplateProblem };

export interface EnvFileContext {
  /** Consulted before the file's own earlier values when a value refers to a variable, and for keys without a value. */
  readonly lookup: (name: string) => string | undefined;
  readonly onUnset?: (name: string) => void;
  /** What earlier files said; it is added to. */
  readonly into?: Map<string, string>;
  /** Told where each variable is set: offsets of its whole definition. */
  readonly onKey?: (name: string, start: number, end: number) => void;
}

/** Reads the text of a `.env`, `env_file` or `label_file` into a map, in file order; the last of equal keys wins. */
export function parseDotenv(text: string, context: EnvFileContext): Map<string, string> | EnvFileProblem {
  const values = context.into ?? new Map<string, string>();
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lineAt = (offset: number) => 1 + countLineBreaks(source, offset);
  let at = 0;
  for (;;) {
    at = statementStart(source, at);
    if (at >= source.length) return values;
    const key = readKey(source, at);
    if ('message' in key) return { kind: 'syntax', line: lineAt(at), message: key.message };
    if (key.isBare) {
      const inherited = context.lookup(key.name);
      if (inherited !== undefined) values.set(key.name, inherited);
      at = key.end;
      continue;
    }
    const value = readValue(source, key.end);
    if ('message' in value) return { kind: 'syntax', line: lineAt(key.end), message: value.message };
    let content: string | TemplateProblem = value.text;
    if (value.isTemplate) {
      const lookup = (name: string) => context.lookup(name) ?? values.get(name);
      content = expandTemplate(value.text, { ...context, lookup });
    }
    if (typeof content !== 'string') return { kind: 'template', line: lineAt(key.end), problem: content };
    values.set(key.name, content);
    const shift = text.length - source.length;
    context.onKey?.(key.name, at + shift, value.end + shift);
    at = value.end;
  }
}

/** Reads `format: raw`: one `KEY=value` a line, everything after `=` literal; a bare key inherits. */
export function parseRawEnv(text: string, context: EnvFileContext): Map<string, string> | EnvFileProblem {
  const values = context.into ?? new Map<string, string>();
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '').replace(/^\s+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === '') return { kind: 'syntax', line: index + 1, message: 'there is no variable name before "="' };
    if (/\s/.test(key)) return { kind: 'syntax', line: index + 1, message: `variable name "${key}" contains white space` };
    if (equals !== -1) values.set(key, line.slice(equals + 1));
    else {
      const inherited = context.lookup(key);
      if (inherited !== undefined) values.set(key, inherited);
    }
  }
  return values;
}

const blanks = /[\t\v\f\r \u0085\u00A0]*/y;

function statementStart(source: string, from: number): number {
  let at = from;
  for (;;) {
    at = skip(/\s*/y, source, at);
    if (source[at] !== '#') return at;
    const end = source.indexOf('\n', at);
    if (end === -1) return source.length;
    at = end;
  }
}

interface Key {
  readonly name: string;
  readonly isBare: boolean;
  readonly end: number;
}

function readKey(source: string, from: number): Key | { message: string } {
  const exported = skip(/export[\t\v\f\r ]+/y, source, from);
  const start = exported > from ? skip(blanks, source, exported) : from;
  const scan = /[\p{L}\p{N}_.\-[\]\t\v\f\r \u0085\u00A0]*/uy;
  const stop = skip(scan, source, start);
  const separator = source[stop];
  if (separator === undefined) return { name: '', isBare: false, end: start };
  if (separator !== '=' && separator !== ':' && separator !== '\n') {
    const line = source.slice(start).split('\n', 1)[0] ?? '';
    const character = String.fromCodePoint(source.codePointAt(stop) ?? 0);
    return { message: `unexpected character "${character}" in variable name "${line}"` };
  }
  const name = source.slice(start, stop).trimEnd();
  if (name.includes(' ')) return { message: `key cannot contain a space: "${name}"` };
  return { name, isBare: separator === '\n', end: skip(blanks, source, stop + 1) };
}

interface Value {
  readonly text: string;
  readonly isTemplate: boolean;
  readonly end: number;
}

function readValue(source: string, from: number): Value | { message: string } {
  const quote = source[from];
  if (quote !== '"' && quote !== "'") {
    const lineBreak = source.indexOf('\n', from);
    const end = lineBreak === -1 ? source.length : lineBreak;
    const line = source.slice(from, end);
    const comment = line.indexOf(' #');
    const text = (comment === -1 ? line : line.slice(0, comment)).trimEnd();
    return { text, isTemplate: true, end: lineBreak === -1 ? end : end + 1 };
  }
  let text = '';
  let start = from + 1;
  for (let at = start; at < source.length; at++) {
    const character = source[at];
    if (character === '\\') {
      // The escaped quote loses its backslash here; all other escapes keep it.
      if (source[at + 1] === quote) {
        text += source.slice(start, at) + quote;
        start = at + 2;
      }
      at++;
    } else if (character === quote) {
      text += source.slice(start, at);
      return quote === "'"
        ? { text, isTemplate: false, end: at + 1 }
        : { text: decodeEscapes(text), isTemplate: true, end: at + 1 };
    }
  }
  return { message: `unterminated quoted value ${source.slice(from).split('\n', 1)[0]}` };
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  $: '$$',
};

function decodeEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (whole, letter?: string, octal?: string) => {
    if (letter !== undefined) return escapes[letter] ?? whole;
    const isOctal = octal !== undefined && /^[0-7]{3}$/.test(octal) && Number.parseInt(octal, 8) < 256;
    return isOctal ? String.fromCharCode(Number.parseInt(octal, 8)) : whole;
  });
}

function skip(expression: RegExp, source: string, at: number): number {
  expression.lastIndex = at;
  expression.test(source);
  return Math.max(expression.lastIndex, at);
}

function countLineBreaks(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

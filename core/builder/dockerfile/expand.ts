import type { Escape } from './instruction.ts';

/** Values of variables; undefined is unset. */
export type Lookup = (name: string) => string | undefined;

/** What a word cannot be expanded for: a variable that must be set, an open brace or quote. */
export class ExpansionError extends Error {}

/**
 * Expands variables in one word and takes its quotes away, as the Dockerfile frontend does: `$name`, `${name}` with the
 * operators `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` and `//`. Throws `ExpansionError`.
 */
export function expandWord(word: string, lookup: Lookup, escapeMark: Escape): string {
  return scan({ text: word, at: 0, lookup, escapeMark }, '').value;
}

/** As `expandWord` for several words in one text; white space that comes out of a variable separates words too. */
export function expandWords(text: string, lookup: Lookup, escapeMark: Escape): readonly string[] {
  return scan({ text, at: 0, lookup, escapeMark }, '').words;
}

/** A heredoc's body: variables are expanded, quotes are text. */
export function expandText(text: string, lookup: Lookup, escapeMark: Escape): string {
  const state: State = { text, at: 0, lookup, escapeMark };
  let value = '';
  while (state.at < text.length) {
    const character = text.charAt(state.at);
    const next = text.charAt(state.at + 1);
    if (character === escapeMark && (next === '$' || next === escapeMark)) {
      value += next;
      state.at += 2;
    } else if (character === '$') value += dollar(state);
    else {
      value += character;
      state.at++;
    }
  }
  return value;
}

interface State {
  readonly text: string;
  at: number;
  readonly lookup: Lookup;
  readonly escapeMark: Escape;
}

/** Reads up to one of `stops` (outside quotes), which is not consumed. */
function scan(state: State, stops: string): { readonly value: string; readonly words: readonly string[] } {
  const words: string[] = [];
  let value = '';
  let word: string | undefined;
  const add = (text: string, splits: boolean): void => {
    value += text;
    if (!splits) {
      word = (word ?? '') + text;
      return;
    }
    for (const character of text) {
      if (!/\s/.test(character)) word = (word ?? '') + character;
      else if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    }
  };
  while (state.at < state.text.length) {
    const character = state.text.charAt(state.at);
    if (stops.includes(character)) break;
    if (character === "'") add(singleQuoted(state), false);
    else if (character === '"') add(doubleQuoted(state), false);
    else if (character === '$') add(dollar(state), true);
    else if (character === state.escapeMark) {
      state.at++;
      // At the end of a word the escape character means nothing.
      if (state.at < state.text.length) add(state.text.charAt(state.at++), false);
    } else {
      state.at++;
      add(character, true);
    }
  }
  if (word !== undefined) words.push(word);
  return { value, words };
}

function singleQuoted(state: State): string {
  const end = state.text.indexOf("'", state.at + 1);
  if (end === -1) throw new ExpansionError('a single quote is not closed');
  const value = state.text.slice(state.at + 1, end);
  state.at = end + 1;
  return value;
}

function doubleQuoted(state: State): string {
  let value = '';
  state.at++;
  for (;;) {
    const character = state.text.charAt(state.at);
    if (character === '') throw new ExpansionError('a double quote is not closed');
    if (character === '"') break;
    if (character === '$') value += dollar(state);
    else if (character === state.escapeMark) {
      const next = state.text.charAt(state.at + 1);
      const isSpecial = next === '"' || next === '$' || next === state.escapeMark;
      value += isSpecial ? next : character + next;
      state.at += 2;
    } else {
      value += character;
      state.at++;
    }
  }
  state.at++;
  return value;
}

function dollar(state: State): string {
  state.at++;
  if (state.text.charAt(state.at) === '{') return braces(state);
  const name = /^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9@*#?$!-])/.exec(state.text.slice(state.at))?.[0];
  if (name === undefined) return '$';
  state.at += name.length;
  return state.lookup(name) ?? '';
}

function braces(state: State): string {
  const start = state.at - 1;
  state.at++;
  const name = /^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9@*#])/.exec(state.text.slice(state.at))?.[0];
  if (name === undefined) throw new ExpansionError(`"${state.text.slice(start)}" is no variable`);
  state.at += name.length;
  const [operator] = /^(?:\}|:[-+?]|[-+?]|##|#|%%|%|\/\/|\/)/.exec(state.text.slice(state.at)) ?? [];
  if (operator === undefined) throw new ExpansionError(`"${state.text.slice(start)}" has an unknown modifier or is not closed`);
  state.at += operator.length;
  const found = state.lookup(name);
  if (operator === '}') return found ?? '';
  const isReplacement = operator === '/' || operator === '//';
  const operand = scan(state, isReplacement ? '/}' : '}').value;
  let replacement = '';
  if (isReplacement) {
    if (state.text.charAt(state.at) === '/') {
      state.at++;
      replacement = scan(state, '}').value;
    }
  }
  if (state.text.charAt(state.at) !== '}') throw new ExpansionError(`"${state.text.slice(start)}" is not closed`);
  state.at++;
  return apply({ name, found, operator, operand, replacement });
}

function apply(expansion: {
  readonly name: string;
  readonly found: string | undefined;
  readonly operator: string;
  readonly operand: string;
  readonly replacement: string;
}): string {
  const { name, found, operator, operand, replacement } = expansion;
  const isMissing = operator.startsWith(':') ? found === undefined || found === '' : found === undefined;
  switch (operator) {
    case ':-':
    case '-':
      return isMissing ? operand : (found ?? '');
    case ':+':
    case '+':
      return isMissing ? '' : operand;
    case ':?':
    case '?':
      if (isMissing) throw new ExpansionError(`${name}: ${operand === '' ? 'is not set' : operand}`);
      return found ?? '';
    case '#':
    case '##':
      return removePrefix(found ?? '', operand, operator === '##');
    case '%':
    case '%%':
      return removeSuffix(found ?? '', operand, operator === '%%');
    default:
      return replace(found ?? '', { pattern: operand, replacement, all: operator === '//' });
  }
}

function removePrefix(value: string, pattern: string, longest: boolean): string {
  const [match] = new RegExp(`^(?:${globSource(pattern, longest)})`, 's').exec(value) ?? [''];
  return value.slice(match.length);
}

/** The shortest or longest end that matches: starts are tried from the back or from the front. */
function removeSuffix(value: string, pattern: string, longest: boolean): string {
  const whole = new RegExp(`^(?:${globSource(pattern, true)})$`, 's');
  const starts = Array.from({ length: value.length + 1 }, (_, index) => (longest ? index : value.length - index));
  const start = starts.find((at) => whole.test(value.slice(at)));
  return start === undefined ? value : value.slice(0, start);
}

function replace(value: string, by: { pattern: string; replacement: string; all: boolean }): string {
  if (by.pattern === '') return value;
  const pattern = new RegExp(globSource(by.pattern, true), by.all ? 'gs' : 's');
  return value.replace(pattern, () => by.replacement);
}

/** Shell pattern as the source of a regular expression: `*` and `?`, a backslash makes them ordinary. */
function globSource(pattern: string, greedy: boolean): string {
  return pattern.replaceAll(/\\([\s\S])|([\s\S])/g, (_, escaped?: string, plain?: string) => {
    if (plain === '*') return greedy ? '.*' : '.*?';
    if (plain === '?') return '.';
    return (escaped ?? plain ?? '').replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
}

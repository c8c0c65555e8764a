/** Why a text with variables cannot be expanded. */
export type TemplateProblem =
  | { readonly kind: 'invalid'; readonly text: string }
  | { readonly kind: 'too-long'; readonly limit: number }
  | { readonly kind: 'required'; readonly variable: string; readonly reason: string };

export interface TemplateVariable {
  readonly name: string;
  readonly operator: '' | ':-' | '-' | ':?' | '?' | ':+' | '+';
  /** The uninterpolated text after the operator. */
  readonly word: string;
}

export interface Expansion {
  readonly lookup: (name: string) => string | undefined;
  /** Called for each unset variable that became an empty text. */
  readonly onUnset?: (name: string) => void;
}

/**
 * Replaces variables in a text: `$NAME`, `${NAME}`, `${NAME:-word}` and the other operators, `$$` for a dollar. Words are expanded only
 * when they are used; values are not expanded again. The grammar is in compose-spec's interpolation chapter.
 */
export function expandTemplate(text: string, expansion: Expansion): string | TemplateProblem {
  return expand(text, expansion, 0);
}

/** All variables of a text, those inside words included, in order of appearance. Malformed ones are skipped. */
export function templateVariables(text: string): TemplateVariable[] {
  const found: TemplateVariable[] = [];
  for (const part of parts(text)) {
    if (typeof part === 'string' || 'kind' in part) continue;
    found.push(part, ...templateVariables(part.word));
  }
  return found;
}

const maxNesting = 100;
/** A few lines of an env file that double each other would otherwise fill the memory. */
const maxLength = 16 * 1024 * 1024;

function expand(text: string, expansion: Expansion, depth: number): string | TemplateProblem {
  if (depth > maxNesting) return { kind: 'invalid', text };
  let result = '';
  for (const part of parts(text)) {
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    if ('kind' in part) return part;
    const value = valueOfVariable(part, expansion, depth);
    if (typeof value !== 'string') return value;
    result += value;
    if (result.length > maxLength) return { kind: 'too-long', limit: maxLength };
  }
  return result;
}

function valueOfVariable(variable: TemplateVariable, expansion: Expansion, depth: number): string | TemplateProblem {
  const { name, operator, word } = variable;
  const value = expansion.lookup(name);
  const isUsable = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  switch (operator) {
    case '':
      if (value === undefined) expansion.onUnset?.(name);
      return value ?? '';
    case ':-':
    case '-':
      return isUsable ? (value ?? '') : expand(word, expansion, depth + 1);
    case ':+':
    case '+':
      return isUsable ? expand(word, expansion, depth + 1) : (value ?? '');
    case ':?':
    case '?': {
      if (isUsable) return value ?? '';
      const reason = expand(word, expansion, depth + 1);
      return typeof reason === 'string' ? { kind: 'required', variable: name, reason } : reason;
    }
  }
}

const name = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const operator = /:?[-?+]/y;

function* parts(text: string): Generator<string | TemplateVariable | TemplateProblem> {
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1) break;
    if (dollar > at) yield text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      yield '$';
      at = dollar + 2;
    } else if (next === '{') {
      const braced = bracedVariable(text, dollar);
      yield braced.part;
      at = braced.end;
    } else {
      const plain = match(name, text, dollar + 1);
      yield plain === undefined ? '$' : { name: plain, operator: '', word: '' };
      at = dollar + 1 + (plain?.length ?? 0);
    }
  }
  if (at < text.length) yield text.slice(at);
}

function bracedVariable(text: string, dollar: number): { part: TemplateVariable | TemplateProblem; end: number } {
  const invalid = { part: { kind: 'invalid', text } as const, end: text.length };
  const variable = match(name, text, dollar + 2);
  if (variable === undefined) return invalid;
  const after = dollar + 2 + variable.length;
  if (text[after] === '}') return { part: { name: variable, operator: '', word: '' }, end: after + 1 };
  const found = match(operator, text, after);
  if (found === undefined) return invalid;
  const start = after + found.length;
  const end = closingBrace(text, start);
  if (end === -1) return invalid;
  // The expression admits nothing but the six operators.
  return {
    part: { name: variable, operator: found as TemplateVariable['operator'], word: text.slice(start, end) },
    end: end + 1,
  };
}

/** Offset of the brace that closes a word: the matching one, else the last of the line; -1 when the line has none. */
function closingBrace(text: string, start: number): number {
  let depth = 1;
  let last = -1;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') return last;
    if (character === '{') depth++;
    else if (character === '}') {
      if (--depth === 0) return at;
      last = at;
    }
  }
  return last;
}

function match(expression: RegExp, text: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
}

/**
 * A pattern of .dockerignore as a test of whole relative paths: `*` and `?` within a component, `**` across components,
 * `[a-z]`, `\` before a character that means itself. The native watcher speaks the same language
 * (`src/helper/pattern.c`); `test/patterns.txt` beside it holds both to it.
 */
export function compilePattern(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, 'su');
  return (path) => expression.test(path);
}

/** The lines of a .dockerignore as patterns: comments and blank lines dropped, the rest cleaned. */
export function parseIgnoreFile(text: string): readonly string[] {
  return cleanPatterns(
    text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .filter((line) => !line.startsWith('#')),
  );
}

/** Patterns as the matcher wants them: relative, without `.`, `..` and double slashes; `!` stays in front. */
export function cleanPatterns(patterns: readonly string[]): readonly string[] {
  return patterns.map((one) => one.trim()).flatMap(cleanPattern);
}

function cleanPattern(pattern: string): readonly string[] {
  const isException = pattern.startsWith('!');
  const parts: string[] = [];
  for (const part of (isException ? pattern.slice(1).trim() : pattern).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.length === 0 ? [] : [`${isException ? '!' : ''}${parts.join('/')}`];
}

/** Whether a list of patterns names a path, itself or by a directory above it; the last one that fits decides. */
export function patternMatcher(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map((one) => {
    const isException = one.startsWith('!');
    return { isException, fits: compilePattern(isException ? one.slice(1) : one) };
  });
  return (path) => {
    const candidates = [path, ...parentsOf(path)];
    let isNamed = false;
    for (const { isException, fits } of tests) {
      if (isNamed === isException && candidates.some(fits)) isNamed = !isException;
    }
    return isNamed;
  };
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) parents.push(path.slice(0, at));
  return parents;
}

function translate(pattern: string): string {
  let expression = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === '*' && pattern[at + 1] === '*') {
      at += pattern[at + 2] === '/' ? 2 : 1;
      expression += at === pattern.length - 1 ? '.*' : '(?:.*/)?';
    } else if (character === '*') expression += '[^/]*';
    else if (character === '?') expression += '[^/]';
    else if (character === '[') {
      const end = endOfClass(pattern, at + 1);
      expression += classOf(pattern.slice(at + 1, end));
      at = end;
    } else {
      const isEscaped = character === '\\' && at + 1 < pattern.length;
      if (isEscaped) at++;
      expression += literal(isEscaped ? (pattern[at] ?? '') : character);
    }
  }
  return expression;
}

/** Index of the `]` that ends a class, or of the end of the pattern. */
function endOfClass(pattern: string, start: number): number {
  let at = pattern[start] === '^' ? start + 1 : start;
  for (let isFirst = true; at < pattern.length && (isFirst || pattern[at] !== ']'); at++, isFirst = false) {
    if (pattern[at] === '\\') at++;
  }
  return Math.min(at, pattern.length);
}

function classOf(text: string): string {
  const isNegated = text.startsWith('^');
  const characters = [...text.slice(isNegated ? 1 : 0)];
  let body = '';
  const take = (at: number): readonly [string, number] =>
    characters[at] === '\\' && at + 1 < characters.length ? [characters[at + 1] ?? '', at + 2] : [characters[at] ?? '', at + 1];
  for (let at = 0; at < characters.length; ) {
    const [low, next] = take(at);
    at = next;
    if (characters[at] === '-' && at + 1 < characters.length) {
      const [high, after] = take(at + 1);
      at = after;
      // A range the wrong way round holds nothing.
      if (low <= high) body += `${inClass(low)}-${inClass(high)}`;
    } else body += inClass(low);
  }
  return isNegated ? `[^${body}]` : body === '' ? '(?!)' : `[${body}]`;
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function inClass(character: string): string {
  return /[\\^\]-]/.test(character) ? `\\${character}` : character;
}

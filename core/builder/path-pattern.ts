/** One pattern of `.dockerignore` or `--exclude`; also what COPY sources are matched with. */
export interface PathPattern {
  readonly isException: boolean;
  readonly matches: (path: string) => boolean;
  /** The pattern, cleaned. */
  readonly text: string;
}

/** Reads patterns: `#` comments (only where allowed) and empty ones are left out; `!` makes an exception. */
export function parsePatterns(lines: readonly string[], options: { readonly comments: boolean }): readonly PathPattern[] {
  return lines.flatMap((line) => {
    if (options.comments && line.startsWith('#')) return [];
    const trimmed = line.trim();
    const isException = trimmed.startsWith('!');
    const text = cleanPattern(isException ? trimmed.slice(1).trim() : trimmed);
    return text === '' ? [] : [{ isException, text, matches: matcher(text) }];
  });
}

/** Text of an ignore file; a byte order mark at its start is passed over. */
export function parseIgnoreFile(text: string): readonly PathPattern[] {
  return parsePatterns(text.replace(/^\ufeff/, '').split(/\r?\n/), { comments: true });
}

/** Whether a path (relative, `/` between parts) is excluded: the last pattern that matches it or a directory above decides. */
export function isExcluded(path: string, patterns: readonly PathPattern[]): boolean {
  const parts = path.split('/');
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let excluded = false;
  for (const { isException, matches } of patterns) {
    if (isException === excluded && prefixes.some((prefix) => matches(prefix))) excluded = !isException;
  }
  return excluded;
}

/** Whether something below an excluded directory may be included again, so that it has to be looked into. */
export function mayHoldExceptions(directory: string, patterns: readonly PathPattern[]): boolean {
  return patterns.some(({ isException, text }) => {
    if (!isException) return false;
    if (/[*?[\\]/.test(text)) return true;
    return text.startsWith(`${directory}/`) || directory === text || directory.startsWith(`${text}/`);
  });
}

/** Shell pattern over a path: `*` and `?` stay within a part, `**` does not, `[…]` is a class. */
export function matcher(pattern: string): (path: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (path) => path === pattern;
  const expression = new RegExp(`^${patternSource(pattern)}$`, 's');
  return (path) => expression.test(path);
}

function cleanPattern(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function patternSource(pattern: string): string {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '*' && pattern.charAt(at + 1) === '*') {
      at++;
      const isWhole = pattern.charAt(at + 1) === '/';
      source += isWhole ? '(?:.*/)?' : '.*';
      if (isWhole) at++;
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') source += quote(pattern.charAt(++at));
    else if (character === '[') {
      const [whole, negation = '', members = ''] = /^\[([!^]?)((?:\\.|[^\]\\])+)\]/s.exec(pattern.slice(at)) ?? [];
      if (whole === undefined) source += '\\[';
      else {
        source += `[${negation === '' ? '' : '^'}${members.replaceAll('[', '\\[')}]`;
        at += whole.length - 1;
      }
    } else source += quote(character);
  }
  return source;
}

function quote(character: string): string {
  return character.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

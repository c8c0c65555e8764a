/**
 * Splits a command text into words the way the reference does: quotes and backslashes, no expansion; an unquoted `;`, `&`, `|`, `<` or
 * `>` ends the command. `undefined`: unbalanced quotes or a bare parenthesis.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word = '';
  let hasWord = false;
  let quote: '"' | "'" | '' = '';
  let inBackquote = false;
  let inDollar = false;
  const push = () => {
    if (hasWord) words.push(word);
    word = '';
    hasWord = false;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\' && quote !== "'" && !inDollar) {
      if (at + 1 >= text.length) return undefined;
      word += text[++at];
      hasWord = true;
      continue;
    }
    const isFree = quote === '' && !inBackquote && !inDollar;
    if (isFree && ' \t\r\n'.includes(character)) {
      push();
      continue;
    }
    if (character === '`' && quote !== "'" && !inDollar) {
      inBackquote = !inBackquote;
    } else if (character === ')' && quote === '' && !inBackquote) {
      if (!inDollar) return undefined;
      inDollar = false;
    } else if (character === '(' && quote === '' && !inBackquote) {
      if (inDollar || !word.endsWith('$')) return undefined;
      inDollar = true;
    } else if (character === '"' && quote !== "'" && !inDollar) {
      quote = quote === '"' ? '' : '"';
      hasWord = true;
      continue;
    } else if (character === "'" && quote !== '"' && !inDollar) {
      quote = quote === "'" ? '' : "'";
      hasWord = true;
      continue;
    } else if (isFree && ';&|<>'.includes(character)) {
      // `2>file`: the digit belongs to the redirection.
      if (character === '>' && /^\d/.test(word)) hasWord = false;
      push();
      return words;
    }
    word += character;
    hasWord = true;
  }
  if (quote !== '' || inBackquote || inDollar) return undefined;
  push();
  return words;
}

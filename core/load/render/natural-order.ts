/** The order of mapping keys in YAML output: digit runs compare as numbers, letters by code point and after other characters. */
export function naturalOrder(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let isAfterDigit = false;
  for (let at = 0; at < left.length && at < right.length; at++) {
    const x = left[at] ?? '';
    const y = right[at] ?? '';
    if (x === y) {
      isAfterDigit = isDigit(x);
      continue;
    }
    const [isLetterX, isLetterY] = [isLetter(x), isLetter(y)];
    if (isLetterX && isLetterY) return codePointOf(x) - codePointOf(y);
    if (isLetterX || isLetterY) return isAfterDigit === isLetterX ? -1 : 1;
    // `a01` and `a001`: leading zeros count only when no other digit stands before them.
    const isInsideNumber = (x === '0' || y === '0') && hasNonZeroBefore(left, at);
    const [runX, runY] = [digitRun(left, at), digitRun(right, at)];
    const [numberX, numberY] = [runValue(runX, isInsideNumber), runValue(runY, isInsideNumber)];
    if (numberX !== numberY) return numberX < numberY ? -1 : 1;
    if (runX.length !== runY.length) return runX.length - runY.length;
    return codePointOf(x) - codePointOf(y);
  }
  return left.length - right.length;
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function isDigit(character: string): boolean {
  return /^\p{Nd}$/u.test(character);
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

function digitRun(characters: readonly string[], from: number): readonly string[] {
  let end = from;
  while (end < characters.length && isDigit(characters[end] ?? '')) end++;
  return characters.slice(from, end);
}

function runValue(digits: readonly string[], isInsideNumber: boolean): bigint {
  const ascii = digits.filter((digit) => /[0-9]/.test(digit)).join('');
  return BigInt(`${isInsideNumber ? '1' : '0'}${ascii}`);
}

function hasNonZeroBefore(characters: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && isDigit(characters[before] ?? ''); before--) {
    if (characters[before] !== '0') return true;
  }
  return false;
}

import type { FileEntry } from './file-entry.ts';

/** Mode of an entry after `--chmod`, octal or symbolic (chmod(1): `u=rwX,go+r`). */
export function symbolicMode(change: string, entry: Pick<FileEntry, 'mode' | 'type'>): number {
  if (/^[0-7]+$/.test(change)) return Number.parseInt(change, 8);
  let mode = entry.mode;
  for (const clause of change.split(',')) {
    const who = /^[ugoa]*/.exec(clause)?.[0] ?? '';
    for (const [, operator = '', letters = ''] of clause.slice(who.length).matchAll(/([-+=])([rwxXst]*)/g)) {
      mode = applyClause(mode, { who: who === '' || who.includes('a') ? 'ugo' : who, operator, letters, type: entry.type });
    }
  }
  return mode;
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

function applyClause(
  before: number,
  clause: { readonly who: string; readonly operator: string; readonly letters: string; readonly type: FileEntry['type'] },
): number {
  let mode = before;
  const { letters } = clause;
  const isExecutable =
    letters.includes('x') || (letters.includes('X') && (clause.type === 'directory' || (before & 0o111) !== 0));
  const bits = (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (isExecutable ? 1 : 0);
  for (const who of clause.who) {
    const shift = shifts[who] ?? 0;
    const setId = letters.includes('s') ? (who === 'u' ? 0o4000 : who === 'g' ? 0o2000 : 0) : 0;
    if (clause.operator === '+') mode |= (bits << shift) | setId;
    else if (clause.operator === '-') mode &= ~((bits << shift) | setId);
    else mode = (mode & ~(7 << shift)) | (bits << shift) | setId;
  }
  if (letters.includes('t')) mode = clause.operator === '-' ? mode & ~0o1000 : mode | 0o1000;
  return mode;
}

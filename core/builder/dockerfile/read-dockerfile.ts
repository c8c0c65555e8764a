import { TscomposeError } from '../../diagnostics/error.ts';
import type { SourceFile, Span } from '../../source/span.ts';
import { diagnose } from '../catalogue.ts';
import { readDirectives } from './directives.ts';
import { heredocMarks, readHeredoc } from './heredoc.ts';
import type { Dockerfile, Escape, Flag, Heredoc, Instruction } from './instruction.ts';
import { type Joined, joinLines } from './join-lines.ts';
import { checkKeywords } from './keywords.ts';
import { type Line, splitLines } from './lines.ts';

const maxBytes = 16 * 1024 * 1024;
const withHeredocs: ReadonlySet<string> = new Set(['ADD', 'COPY', 'RUN']);

/** Cuts a Dockerfile into instructions (Dockerfile reference, "Format"). Throws `build.*` diagnostics, all mistakes together. */
export function readDockerfile(file: SourceFile): Dockerfile {
  if (file.text.length > maxBytes)
    throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: 'it is too large' }, { file, start: 0, end: 0 }));
  const lines = splitLines(file.text);
  const directives = readDirectives(file, lines);
  const instructions: Instruction[] = [];
  const emptyContinuations: Span[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (line === undefined || isBlank(line) || isComment(line)) {
      at++;
      continue;
    }
    const joined = joinLines(lines, at, directives.escapeMark);
    at = joined.next;
    const heredocs: Heredoc[] = [];
    for (const mark of withHeredocs.has(keywordOf(joined.text)) ? heredocMarks(joined.text, directives.escapeMark) : []) {
      const body = readHeredoc(lines, at, mark);
      if (body === undefined) throw unterminated({ file, joined, name: mark.name });
      heredocs.push(body.heredoc);
      at = body.next;
    }
    for (const offset of joined.emptyLines) emptyContinuations.push({ file, start: offset, end: offset });
    instructions.push(makeInstruction({ file, joined, heredocs, escapeMark: directives.escapeMark }));
  }
  if (instructions.length === 0)
    throw new TscomposeError(
      diagnose('build.dockerfile-invalid', { reason: 'it has no instructions' }, { file, start: 0, end: 0 }),
    );
  checkKeywords(instructions);
  return { file, ...directives, instructions, emptyContinuations };
}

function isBlank(line: Line): boolean {
  return line.text.trim() === '';
}

function isComment(line: Line): boolean {
  return line.text.trimStart().startsWith('#');
}

function keywordOf(text: string): string {
  return (/^\S+/.exec(text)?.[0] ?? '').toUpperCase();
}

function unterminated({ file, joined, name }: { file: SourceFile; joined: Joined; name: string }): TscomposeError {
  return new TscomposeError(
    diagnose('build.dockerfile-invalid', { reason: `the heredoc "${name}" has no end` }, spanOf(file, joined)),
  );
}

function spanOf(file: SourceFile, joined: Joined): Span {
  return { file, start: joined.offsetOf(0), end: joined.offsetOf(joined.text.length) };
}

function makeInstruction(parts: {
  readonly file: SourceFile;
  readonly joined: Joined;
  readonly heredocs: readonly Heredoc[];
  readonly escapeMark: Escape;
}): Instruction {
  const { file, joined, heredocs } = parts;
  const written = /^\S+/.exec(joined.text)?.[0] ?? '';
  const place = (start: number, end: number): Span => ({
    file,
    start: joined.offsetOf(start),
    end: Math.max(joined.offsetOf(start), joined.offsetOf(end)),
  });
  const flags: Flag[] = [];
  let at = skipSpace(joined.text, written.length);
  while (joined.text.startsWith('--', at)) {
    const end = endOfWord(joined.text, at, parts.escapeMark);
    const word = joined.text.slice(at, end);
    if (word === '--') {
      at = skipSpace(joined.text, end);
      break;
    }
    const equals = word.indexOf('=');
    flags.push({
      name: equals === -1 ? word.slice(2) : word.slice(2, equals),
      value: equals === -1 ? undefined : word.slice(equals + 1),
      span: place(at, end),
    });
    at = skipSpace(joined.text, end);
  }
  const textStart = at;
  return {
    keyword: written.toUpperCase(),
    written,
    flags,
    text: joined.text.slice(textStart).trimEnd(),
    heredocs,
    line: joined.text.trimEnd(),
    span: spanOf(file, joined),
    place: (start, end) => place(textStart + start, textStart + end),
  };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at;
}

/** End of a flag: white space inside quotes belongs to it. */
function endOfWord(text: string, from: number, escapeMark: Escape): number {
  let quote = '';
  let at = from;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === '' && /\s/.test(character)) break;
    if (character === escapeMark && quote !== "'") at++;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  return Math.min(at, text.length);
}

import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { Lookup } from './expand.ts';
import { expandOrFail } from './expand-or-fail.ts';
import { rawWords } from './heredoc.ts';
import type { Escape, Instruction } from './instruction.ts';

/** Pairs of ENV or LABEL: `KEY=value …`, or the old form `KEY the rest`. All values see the variables from before. */
export function parsePairs(instruction: Instruction, lookup: Lookup, escapeMark: Escape): readonly (readonly [string, string])[] {
  const words = rawWords(instruction.text, escapeMark);
  const expand = (word: string) => expandOrFail(word, { lookup, escapeMark, at: instruction.span });
  if (words.length === 0) throw invalid(instruction, `${instruction.keyword} needs KEY=value`);
  if (!(words[0] ?? '').includes('=')) {
    const [, key = '', rest = ''] = /^(\S+)\s+([\s\S]*)$/.exec(instruction.text) ?? [];
    if (key === '') throw invalid(instruction, `${instruction.keyword} needs KEY=value`);
    return [[expand(key), expand(rest)]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1) throw invalid(instruction, `"${word}" is not KEY=value; a value with spaces needs quotes`);
    const key = expand(word.slice(0, at));
    if (key === '') throw invalid(instruction, 'a name is empty');
    return [key, expand(word.slice(at + 1))] as const;
  });
}

/** `NAME[=default] …` of ARG; a default may use the ones before it. */
export function parseArguments(
  instruction: Instruction,
  lookup: Lookup,
  escapeMark: Escape,
): readonly { readonly name: string; readonly value: string | undefined }[] {
  const words = rawWords(instruction.text, escapeMark);
  if (words.length === 0) throw invalid(instruction, 'ARG needs a name');
  const before = new Map<string, string>();
  const see: Lookup = (name) => before.get(name) ?? lookup(name);
  return words.map((word) => {
    const at = word.indexOf('=');
    const options = { lookup: see, escapeMark, at: instruction.span };
    const name = expandOrFail(at === -1 ? word : word.slice(0, at), options);
    if (name === '') throw invalid(instruction, 'a name is empty');
    const value = at === -1 ? undefined : expandOrFail(word.slice(at + 1), options);
    if (value !== undefined) before.set(name, value);
    return { name, value };
  });
}

function invalid(instruction: Instruction, reason: string): TscomposeError {
  return new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, instruction.span));
}

import { TscomposeError } from '../diagnostics/error.ts';
import { diagnose } from './catalogue.ts';
import { execForm } from './dockerfile/exec-form.ts';
import { expandText } from './dockerfile/expand.ts';
import { expandOrFail, orFail } from './dockerfile/expand-or-fail.ts';
import { checkFlags, isOn } from './dockerfile/flags.ts';
import { heredocMark, rawWords } from './dockerfile/heredoc.ts';
import type { Flag, Instruction } from './dockerfile/instruction.ts';
import type { Handler } from './handler.ts';
import { absolute } from './run-mount.ts';
import { addStep, lookupIn, type StageState } from './stage-state.ts';
import { originOf } from './stages.ts';
import type { CopySource } from './step.ts';

const copyFlags = ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'];
const addFlags = ['chown', 'chmod', 'link', 'exclude', 'checksum', 'keep-git-dir', 'unpack'];

/** COPY and ADD: a step with everything expanded. */
export const copyFiles: Handler = (state, instruction, place) => {
  const isAdd = instruction.keyword === 'ADD';
  checkFlags(instruction, isAdd ? addFlags : copyFlags);
  const flag = (name: string) => instruction.flags.findLast((one) => one.name === name);
  const expandFlag = (one: Flag | undefined): string | undefined =>
    one?.value === undefined
      ? undefined
      : expandOrFail(one.value, { lookup: lookupIn(state), escapeMark: state.escapeMark, at: one.span });
  const { sources, dest, named } = operands(state, instruction, isAdd);
  const from = flag('from');
  const chown = expandFlag(flag('chown'));
  const chmod = expandFlag(flag('chmod'));
  const checksum = expandFlag(flag('checksum'));
  checkMode(chmod, flag('chmod'));
  if (checksum !== undefined) checkChecksum(checksum, { instruction, sources });
  const unpack = flag('unpack');
  addStep(state, {
    kind: 'copy',
    title: instruction.line.replaceAll(/\s+/g, ' '),
    at: instruction.span,
    createdBy: `${instruction.keyword} ${sources.map(nameOf).join(' ')} ${named} # buildkit`,
    from: from?.value === undefined ? { kind: 'context' } : originOf(expandFlag(from) ?? '', { ...place, at: from.span }),
    sources,
    dest,
    ...(chown === undefined ? {} : { chown }),
    ...(chmod === undefined ? {} : { chmod }),
    link: isOn(flag('link'), instruction),
    parents: isOn(flag('parents'), instruction),
    excludes: instruction.flags.filter((one) => one.name === 'exclude').map((one) => expandFlag(one) ?? ''),
    unpack: !isAdd ? 'never' : unpack === undefined ? 'local' : isOn(unpack, instruction) ? 'always' : 'never',
    ...(checksum === undefined ? {} : { checksum }),
    keepGitDir: isOn(flag('keep-git-dir'), instruction),
  });
};

function operands(
  state: StageState,
  instruction: Instruction,
  isAdd: boolean,
): { readonly sources: readonly CopySource[]; readonly dest: string; readonly named: string } {
  const words = execForm(instruction.text) ?? rawWords(instruction.text, state.escapeMark);
  const expand = (word: string) =>
    expandOrFail(word, { lookup: lookupIn(state), escapeMark: state.escapeMark, at: instruction.span });
  const last = words.at(-1);
  if (last === undefined || words.length < 2)
    throw invalid(instruction, `${instruction.keyword} needs a source and a destination`);
  let heredocs = 0;
  const sources = words.slice(0, -1).map((word): CopySource => {
    const heredoc = heredocMark(word) === undefined ? undefined : instruction.heredocs[heredocs++];
    if (heredoc !== undefined) {
      const content = heredoc.isExpanded
        ? orFail(instruction.span, () => expandText(heredoc.content, lookupIn(state), state.escapeMark))
        : heredoc.content;
      return { kind: 'inline', name: heredoc.name, content };
    }
    const text = expand(word);
    if (text === '') throw invalid(instruction, 'a source is empty');
    if (isAdd && isGitUrl(text)) return { kind: 'git', url: text };
    if (isAdd && /^https?:\/\//i.test(text)) return { kind: 'url', url: text };
    return { kind: 'path', path: text };
  });
  const dest = expand(last);
  if (sources.length > 1 && !dest.endsWith('/') && dest !== '.' && !dest.endsWith('/.')) {
    throw invalid(instruction, `with several sources the destination "${dest}" must end with "/"`);
  }
  const isDirectory = dest === '' || /(?:^|\/)\.{0,2}$/.test(dest);
  const path = absolute(dest === '' ? '.' : dest, state.config.WorkingDir || '/');
  return { sources, dest: isDirectory && path !== '/' ? `${path}/` : path, named: dest };
}

/** What ADD fetches with git: as Docker, by scheme or by the ending `.git`. */
export function isGitUrl(text: string): boolean {
  if (/^(?:git:\/\/|git@|ssh:\/\/)/.test(text)) return true;
  return /^https?:\/\/[^#?]*\.git\/?(?:[#?].*)?$/.test(text);
}

function nameOf(source: CopySource): string {
  return source.kind === 'path' ? source.path : source.kind === 'inline' ? `<<${source.name}` : source.url;
}

function checkMode(mode: string | undefined, flag: Flag | undefined): void {
  if (mode === undefined || flag === undefined) return;
  if (/^[0-7]{1,4}$/.test(mode) || /^(?:[ugoa]*[-+=][rwxXst]*)+(?:,[ugoa]*(?:[-+=][rwxXst]*)+)*$/.test(mode)) return;
  throw new TscomposeError(
    diagnose('build.dockerfile-invalid', { reason: `"${mode}" is no mode, such as 0755 or u=rwX,go=rX` }, flag.span),
  );
}

function checkChecksum(
  checksum: string,
  { instruction, sources }: { instruction: Instruction; sources: readonly CopySource[] },
): void {
  const [source] = sources;
  const isGit = source?.kind === 'git';
  if (sources.length !== 1 || (source?.kind !== 'url' && !isGit)) throw invalid(instruction, '--checksum is for one URL');
  const isFine = isGit ? /^[0-9a-f]{7,64}$/.test(checksum) : /^sha256:[0-9a-f]{64}$/.test(checksum);
  if (!isFine) throw invalid(instruction, `"${checksum}" is no checksum, such as sha256:…`);
}

function invalid(instruction: Instruction, reason: string): TscomposeError {
  return new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, instruction.span));
}

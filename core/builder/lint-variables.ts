import { nearest } from '../diagnostics/nearest.ts';
import { proxyArguments } from './build-arguments.ts';
import { ExpansionError, expandWords } from './dockerfile/expand.ts';
import { rawWords } from './dockerfile/heredoc.ts';
import type { Dockerfile, Instruction } from './dockerfile/instruction.ts';
import type { Finding, LintContext, Rule } from './lint-rule.ts';

/** Instructions whose variables the builder expands; those of RUN, CMD and ENTRYPOINT are the shell's. */
const expanding: ReadonlySet<string> = new Set([
  'ADD',
  'ARG',
  'COPY',
  'ENV',
  'EXPOSE',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

/**
 * UndefinedVar: a variable that neither ARG nor ENV of the stage, of those that it begins with, or of the base image sets. Nothing is found
 * in stages on a base image that is not known.
 */
export const undefinedVariables: Rule = (dockerfile, context) => {
  const known = new Map<string, ReadonlySet<string> | undefined>();
  const found: Finding[] = [];
  let names: Set<string> | undefined;
  let stage: string | undefined;
  for (const instruction of dockerfile.instructions) {
    if (instruction.keyword === 'FROM') {
      const [base = '', , name] = instruction.text.split(/\s+/);
      names = variablesOf(base, { known, context });
      stage = name?.toLowerCase();
    } else if (names !== undefined && expanding.has(instruction.keyword)) {
      for (const name of usedIn(instruction, dockerfile)) {
        if (names.has(name)) continue;
        const near = nearest(name, [...names]);
        const hint = near === undefined ? '' : ` (did you mean $${near}?)`;
        found.push({ text: `the variable "$${name}" is not set anywhere before${hint}`, at: instruction.span });
      }
      for (const name of declaredBy(instruction, dockerfile)) names.add(name);
    }
    if (stage !== undefined) known.set(stage, names);
  }
  return found;
};

function variablesOf(
  base: string,
  scope: { readonly known: ReadonlyMap<string, ReadonlySet<string> | undefined>; readonly context: LintContext },
): Set<string> | undefined {
  const common = ['PATH', ...proxyArguments];
  if (base === 'scratch') return new Set(common);
  if (scope.known.has(base.toLowerCase())) {
    const inherited = scope.known.get(base.toLowerCase());
    return inherited === undefined ? undefined : new Set(inherited);
  }
  const environment = base.includes('$') ? undefined : scope.context.environmentOf?.(base);
  if (environment === undefined) return undefined;
  return new Set([...common, ...environment.map((line) => line.split('=', 1)[0] ?? '')]);
}

/** Variables without a default that an instruction reads. */
function usedIn(instruction: Instruction, { escapeMark }: Dockerfile): ReadonlySet<string> {
  const used = new Set<string>();
  const texts = [instruction.text, ...instruction.flags.map(({ value = '' }) => value)];
  for (const text of texts) {
    // With a default, or what stands in its place, a variable may well be unset.
    const strict = text.replaceAll(/\$\{\w+:?[-+][^}]*\}/g, '');
    try {
      expandWords(
        strict,
        (name) => {
          used.add(name);
          return 'x';
        },
        escapeMark,
      );
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error; // the build says so
    }
  }
  return used;
}

function declaredBy(instruction: Instruction, { escapeMark }: Dockerfile): readonly string[] {
  if (instruction.keyword !== 'ARG' && instruction.keyword !== 'ENV') return [];
  const words = rawWords(instruction.text, escapeMark);
  const isOldForm = instruction.keyword === 'ENV' && !(words[0] ?? '').includes('=');
  return (isOldForm ? words.slice(0, 1) : words).map((word) => word.split('=', 1)[0] ?? '');
}

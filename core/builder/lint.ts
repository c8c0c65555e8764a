import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { proxyArguments } from './build-arguments.ts';
import { diagnose } from './catalogue.ts';
import { execForm } from './dockerfile/exec-form.ts';
import { rawWords } from './dockerfile/heredoc.ts';
import type { Dockerfile, Instruction } from './dockerfile/instruction.ts';
import { experimentalRules } from './lint-experimental.ts';
import { isPredefined, type LintContext, type Rule, stagesOf } from './lint-rule.ts';
import { undefinedVariables } from './lint-variables.ts';

/** What the usual rules find in a Dockerfile; rules that its `# check=skip=` names are left out. Sorted by place. */
export function lintDockerfile(dockerfile: Dockerfile, context: LintContext): readonly Diagnostic[] {
  const { skip, experimental } = dockerfile.check;
  if (skip.includes('all')) return [];
  const wanted = Object.entries(experimentalRules).filter(
    ([rule]) => experimental.includes('all') || experimental.includes(rule),
  );
  return [...Object.entries(rules), ...wanted]
    .filter(([rule]) => !skip.includes(rule))
    .flatMap(([rule, find]) => find(dockerfile, context).map(({ text, at }) => diagnose('build.check', { rule, text }, at)))
    .sort((a, b) => (a.at?.start ?? 0) - (b.at?.start ?? 0));
}

const rules: Readonly<Record<string, Rule>> = {
  ConsistentInstructionCasing: ({ instructions }) => {
    const upper = instructions.filter((one) => one.written === one.written.toUpperCase()).length;
    const isUpper = upper * 2 >= instructions.length;
    return instructions
      .filter((one) => one.written !== (isUpper ? one.keyword : one.keyword.toLowerCase()))
      .map((one) => ({
        text: `"${one.written}" is written unlike the other instructions (${isUpper ? 'upper' : 'lower'} case)`,
        at: one.span,
      }));
  },
  DuplicateStageName: ({ instructions }) => {
    const seen = new Set<string>();
    return instructions.flatMap((one) => {
      const name = stageName(one)?.toLowerCase();
      if (name === undefined) return [];
      const isSecond = seen.has(name);
      seen.add(name);
      return isSecond ? [{ text: `the stage name "${name}" is there twice`, at: one.span }] : [];
    });
  },
  ExposeInvalidFormat: ({ instructions }) =>
    exposed(instructions)
      .filter(({ word }) => word.includes(':') && !word.includes('$'))
      .map(({ word, at }) => ({ text: `EXPOSE "${word}" has an address or a port of the host: write the container's port`, at })),
  ExposeProtoCasing: ({ instructions }) =>
    exposed(instructions)
      .filter(({ word }) => /\/[^$]*[A-Z]/.test(word))
      .map(({ word, at }) => ({ text: `the protocol of EXPOSE "${word}" is not in lower case`, at })),
  FromAsCasing: ({ instructions }) =>
    instructions.flatMap((one) => {
      const as = one.keyword === 'FROM' ? one.text.split(/\s+/)[1] : undefined;
      const wanted = one.written === one.keyword ? 'AS' : 'as';
      return as === undefined || as === wanted
        ? []
        : [{ text: `"${as}" and "${one.written}" are written in different case`, at: one.span }];
    }),
  FromPlatformFlagConstDisallowed: ({ instructions }) =>
    instructions.flatMap((one) => {
      const flag = one.keyword === 'FROM' ? one.flags.find(({ name }) => name === 'platform') : undefined;
      return flag?.value === undefined || flag.value.includes('$')
        ? []
        : [{ text: `FROM names the platform "${flag.value}" instead of an argument`, at: flag.span }];
    }),
  InvalidDefaultArgInFrom: ({ instructions }, { args }) => {
    const unset = new Set(globalArguments(instructions).filter((word) => !word.includes('=') && !args.includes(word)));
    return instructions.flatMap((one) =>
      one.keyword === 'FROM' && [...unset].some((name) => new RegExp(`\\$\\{?${name}\\b(?!:?[-+])`).test(one.text))
        ? [{ text: `"${one.text}" is not valid with the defaults of its arguments`, at: one.span }]
        : [],
    );
  },
  JSONArgsRecommended: ({ instructions }) =>
    instructions.flatMap((one, index) =>
      (one.keyword === 'CMD' || one.keyword === 'ENTRYPOINT') &&
      execForm(one.text) === undefined &&
      !hasShell(instructions, index)
        ? [{ text: `${one.keyword} in shell form does not get signals: write it as a JSON list`, at: one.span }]
        : [],
    ),
  LegacyKeyValueFormat: ({ instructions, escapeMark }) =>
    instructions.flatMap((one) => {
      if (one.keyword !== 'ENV' && one.keyword !== 'LABEL') return [];
      const [first = ''] = rawWords(one.text, escapeMark);
      return first.includes('=') ? [] : [{ text: `"${one.keyword} key value" is the old form: write key=value`, at: one.span }];
    }),
  MaintainerDeprecated: ({ instructions }) =>
    instructions
      .filter((one) => one.keyword === 'MAINTAINER')
      .map((one) => ({ text: 'MAINTAINER is deprecated: use LABEL org.opencontainers.image.authors', at: one.span })),
  MultipleInstructionsDisallowed: ({ instructions }) =>
    stagesOf(instructions).flatMap((stage) =>
      ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].flatMap((keyword) => {
        const all = stage.filter((one) => one.keyword === keyword);
        return all.slice(0, -1).map((one) => ({ text: `only the last ${keyword} of a stage counts`, at: one.span }));
      }),
    ),
  NoEmptyContinuation: ({ emptyContinuations }) =>
    emptyContinuations.map((at) => ({ text: 'an empty line stands inside an instruction', at })),
  RedundantTargetPlatform: ({ instructions }) =>
    instructions.flatMap((one) => {
      const flag = one.keyword === 'FROM' ? one.flags.find(({ name }) => name === 'platform') : undefined;
      return /^\$\{?TARGETPLATFORM\}?$/.test(flag?.value ?? '')
        ? [{ text: 'the target platform is the default', at: flag?.span ?? one.span }]
        : [];
    }),
  ReservedStageName: ({ instructions }) =>
    instructions.flatMap((one) => {
      const name = stageName(one)?.toLowerCase();
      return name === 'scratch' || name === 'context' ? [{ text: `the stage name "${name}" is reserved`, at: one.span }] : [];
    }),
  SecretsUsedInArgOrEnv: ({ instructions, escapeMark }) =>
    instructions.flatMap((one) => {
      if (one.keyword !== 'ARG' && one.keyword !== 'ENV') return [];
      const words = rawWords(one.text, escapeMark);
      const names =
        (words[0] ?? '').includes('=') || one.keyword === 'ARG'
          ? words.map((word) => word.split('=')[0] ?? '')
          : [words[0] ?? ''];
      return names
        .filter(looksSecret)
        .map((name) => ({ text: `${one.keyword} "${name}" looks like a secret: use RUN --mount=type=secret`, at: one.span }));
    }),
  StageNameCasing: ({ instructions }) =>
    instructions.flatMap((one) => {
      const name = stageName(one);
      return name === undefined || name === name.toLowerCase()
        ? []
        : [{ text: `the stage name "${name}" is not in lower case`, at: one.span }];
    }),
  UndefinedArgInFrom: ({ instructions }) => {
    const known = new Set(globalArguments(instructions).map((word) => word.split('=')[0]));
    return instructions.flatMap((one) => {
      if (one.keyword !== 'FROM') return [];
      const used = [...`${one.text} ${one.flags.map(({ value }) => value).join(' ')}`.matchAll(/\$\{?([a-zA-Z_]\w*)/g)];
      return used
        .map(([, name = '']) => name)
        .filter((name) => !known.has(name) && !isPredefined(name) && !proxyArguments.has(name))
        .map((name) => ({ text: `FROM uses the argument "${name}", which no ARG before it declares`, at: one.span }));
    });
  },
  UndefinedVar: undefinedVariables,
  WorkdirRelativePath: ({ instructions }) =>
    stagesOf(instructions).flatMap((stage) => {
      let isAbsolute = false;
      return stage.flatMap((one) => {
        if (one.keyword !== 'WORKDIR') return [];
        if (one.text.startsWith('/') || one.text.startsWith('$')) isAbsolute = true;
        return isAbsolute
          ? []
          : [{ text: `WORKDIR "${one.text}" depends on the base image: write it from the root`, at: one.span }];
      });
    }),
};

function exposed(instructions: readonly Instruction[]): readonly { readonly word: string; readonly at: Instruction['span'] }[] {
  return instructions.flatMap((one) =>
    one.keyword === 'EXPOSE' ? one.text.split(/\s+/).map((word) => ({ word, at: one.span })) : [],
  );
}

function stageName(instruction: Instruction): string | undefined {
  return instruction.keyword === 'FROM' ? instruction.text.split(/\s+/)[2] : undefined;
}

/** Words of the ARG instructions before the first FROM. */
function globalArguments(instructions: readonly Instruction[]): readonly string[] {
  const first = instructions.findIndex((one) => one.keyword === 'FROM');
  return instructions.slice(0, first).flatMap((one) => (one.keyword === 'ARG' ? one.text.split(/\s+/) : []));
}

function hasShell(instructions: readonly Instruction[], index: number): boolean {
  const start = instructions.slice(0, index).findLastIndex((one) => one.keyword === 'FROM');
  return instructions.slice(start, index).some((one) => one.keyword === 'SHELL');
}

/** Names as Docker's rule has them. */
function looksSecret(name: string): boolean {
  if (/public/i.test(name)) return false;
  return /(?:^|_)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i.test(name);
}

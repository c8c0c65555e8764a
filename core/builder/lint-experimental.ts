import { rawWords } from './dockerfile/heredoc.ts';
import type { Rule } from './lint-rule.ts';
import { isExcluded } from './path-pattern.ts';

/** Rules that a Dockerfile has to ask for: `# check=experimental=all`, or by name. */
export const experimentalRules: Readonly<Record<string, Rule>> = {
  CopyIgnoredFile: ({ instructions, escapeMark }, { ignored = [] }) =>
    instructions.flatMap((one) => {
      if (one.keyword !== 'COPY' && one.keyword !== 'ADD') return [];
      if (one.flags.some(({ name }) => name === 'from')) return [];
      return rawWords(one.text, escapeMark)
        .slice(0, -1)
        .map((word) => word.replace(/^(?:\.?\/)+/, '').replace(/\/$/, ''))
        .filter((path) => path !== '' && !/^<<|^\w+:\/\/|[$*?[]/.test(path) && isExcluded(path, ignored))
        .map((path) => ({ text: `${one.keyword} of "${path}", which .dockerignore leaves out`, at: one.span }));
    }),
  InvalidDefinitionDescription: ({ instructions, file }) =>
    instructions.flatMap((one) => {
      const name =
        one.keyword === 'FROM' ? one.text.split(/\s+/)[2] : one.keyword === 'ARG' ? /^\w+/.exec(one.text)?.[0] : undefined;
      const above = file.text.slice(0, one.span.start).split('\n').at(-2) ?? '';
      const comment = /^\s*#\s*(\S.*)$/.exec(above)?.[1];
      if (name === undefined || comment === undefined || /^(?:syntax|escape|check)\s*=/i.test(comment)) return [];
      return comment.startsWith(`${name} `)
        ? []
        : [
            {
              text: `a comment that describes "${name}" is written "# ${name} …"; leave a line empty after others`,
              at: one.span,
            },
          ];
    }),
};

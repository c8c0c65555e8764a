import { TscomposeError } from '../../diagnostics/error.ts';
import { nearest } from '../../diagnostics/nearest.ts';
import { diagnose } from '../catalogue.ts';
import type { Instruction } from './instruction.ts';

const keywords: ReadonlySet<string> = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

/** Throws `build.unknown-instruction` for all instructions that there are not, together. */
export function checkKeywords(instructions: readonly Instruction[]): void {
  const unknown = instructions.filter((one) => !keywords.has(one.keyword));
  if (unknown.length === 0) return;
  throw new TscomposeError(
    unknown.map(({ written, keyword, span }) => {
      const near = nearest(keyword, keywords);
      return diagnose('build.unknown-instruction', { name: written, ...(near === undefined ? {} : { near }) }, span);
    }),
  );
}

import type { Dockerfile, Instruction } from './dockerfile/instruction.ts';
import type { PathPattern } from './path-pattern.ts';

/** One rule of Docker's build checks: what it finds, with the place. */
export type Rule = (dockerfile: Dockerfile, context: LintContext) => readonly Finding[];

export interface Finding {
  readonly text: string;
  readonly at: Instruction['span'];
}

export interface LintContext {
  /** Names that are given as arguments. */
  readonly args: readonly string[];
  /** `NAME=value` of an image's environment; undefined: it is not known. */
  readonly environmentOf?: (reference: string) => readonly string[] | undefined;
  /** What `.dockerignore` leaves out of the context. */
  readonly ignored?: readonly PathPattern[];
}

/** Instructions of each stage, without the FROM. */
export function stagesOf(instructions: readonly Instruction[]): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const one of instructions) {
    if (one.keyword === 'FROM') stages.push([]);
    else stages.at(-1)?.push(one);
  }
  return stages;
}

/** Arguments that need no declaration before FROM. */
export function isPredefined(name: string): boolean {
  return /^(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)$|^TARGETSTAGE$/.test(name);
}

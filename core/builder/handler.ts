import type { Instruction } from './dockerfile/instruction.ts';
import type { StageState } from './stage-state.ts';
import type { Stage } from './stages.ts';

/** Where an instruction stands among the stages. */
export interface InstructionPlace {
  readonly stages: readonly Stage[];
  readonly before: number;
  readonly contexts: ReadonlySet<string>;
}

/** What an instruction does to the stage it stands in. */
export type Handler = (state: StageState, instruction: Instruction, place: InstructionPlace) => void;

/** SHELL of the stage. */
export function shellOf(state: StageState): readonly string[] {
  return state.config.Shell ?? ['/bin/sh', '-c'];
}

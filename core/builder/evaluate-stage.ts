import { TscomposeError } from '../diagnostics/error.ts';
import { type BuildArguments, globalScope } from './build-arguments.ts';
import type { BuildImage, HistoryEntry } from './build-image.ts';
import { diagnose } from './catalogue.ts';
import type { Instruction } from './dockerfile/instruction.ts';
import { readDockerfile } from './dockerfile/read-dockerfile.ts';
import type { InstructionPlace } from './handler.ts';
import { instructionHandlers, refusedTriggers } from './instructions.ts';
import { type StageState, startState } from './stage-state.ts';
import type { Stage, Stages } from './stages.ts';
import type { Step } from './step.ts';

export interface StageRequest {
  readonly all: Stages;
  readonly stage: Stage;
  readonly base: BuildImage;
  readonly args: BuildArguments;
  readonly contexts: ReadonlySet<string>;
}

/** A stage with everything expanded: what must be done, and the image that results. */
export interface EvaluatedStage {
  readonly steps: readonly Step[];
  /** Configuration and history, that of the base first; entries of steps stand where they belong. */
  readonly image: BuildImage;
  /** For each step the index of its entry in `image.history`. */
  readonly stepHistory: readonly number[];
}

/**
 * Evaluates a stage's instructions on top of its base image: expands variables, collects what makes files as steps, and
 * applies the rest to the configuration. Pure. Throws `build.*` with the instruction's place.
 */
export function evaluateStage(request: StageRequest): EvaluatedStage {
  const { all, stage, base, args } = request;
  const { escapeMark } = all.dockerfile;
  const state = startState({ base, escapeMark, args, globals: all.globals, platform: globalScope(args).platform });
  const context = { stages: all.stages, before: stage.index, contexts: request.contexts };
  const triggers = base.config.OnBuild ?? [];
  for (const trigger of triggers) {
    for (const instruction of triggerInstructions(trigger, stage)) dispatch(state, instruction, context);
  }
  for (const instruction of stage.instructions) dispatch(state, instruction, context);
  const history: readonly HistoryEntry[] = [...base.history, ...state.history];
  const author = state.author ?? base.author;
  return {
    steps: state.steps,
    stepHistory: state.stepHistory.map((index) => base.history.length + index),
    image: { config: state.config, history, ...(author === undefined ? {} : { author }) },
  };
}

function dispatch(state: StageState, instruction: Instruction, place: InstructionPlace): void {
  const handler = instructionHandlers[instruction.keyword];
  if (handler === undefined) throw new Error(`the instruction ${instruction.keyword} has no handler`);
  if (instruction.text === '' && instruction.heredocs.length === 0) {
    throw new TscomposeError(
      diagnose('build.dockerfile-invalid', { reason: `${instruction.keyword} has no arguments` }, instruction.span),
    );
  }
  handler(state, instruction, place);
}

/** A trigger is a Dockerfile line of another image; messages point at the FROM that brought it. */
function triggerInstructions(trigger: string, stage: Stage): readonly Instruction[] {
  const { span } = stage.from;
  const { instructions } = readDockerfile({ name: `ONBUILD of ${stage.from.text}`, path: undefined, text: trigger });
  return instructions.map((one) => {
    if (refusedTriggers.has(one.keyword)) {
      throw new TscomposeError(
        diagnose('build.dockerfile-invalid', { reason: `the base image's ONBUILD has ${one.keyword}` }, span),
      );
    }
    return { ...one, span, place: () => span, flags: one.flags.map((flag) => ({ ...flag, span })) };
  });
}

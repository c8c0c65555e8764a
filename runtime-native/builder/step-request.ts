import type { Stage } from '#core/builder/stages.ts';
import type { Step } from '#core/builder/step.ts';
import type { BuildState } from './build-session.ts';

/** One step of a stage, about to be done. */
export interface StepRequest<S extends Step = Step> {
  readonly step: S;
  readonly state: BuildState;
  /** `[build 2/5] RUN make` */
  readonly label: string;
  readonly stage: Stage;
  /** Of the stage's programs. */
  readonly platform: string;
}

export interface StepDone {
  readonly state: BuildState;
  readonly createdAt: string;
}

/** Result of doing a step: the image that holds its files. */
export interface Performed {
  readonly imageId: string;
  readonly sizeBytes: number;
}

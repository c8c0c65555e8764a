import type { Container } from './containers.ts';
import type { Finished, Running } from './program.ts';

/** What a check may look at. */
export interface World {
  /** State root of this scenario alone. */
  readonly root: string;
  readonly directory: string;
  readonly project: string;
  /** The last command that ended. */
  last: Finished;
  /** The command that `start` left running. */
  running: Running | undefined;
  /** Containers before the current step. */
  before: readonly Container[];
  /** Containers now, stopped ones too. */
  containers(): Promise<readonly Container[]>;
  /** Runs the program beside the steps, for checks. */
  run(...argv: readonly string[]): Promise<Finished>;
  /** The same with standard input. */
  feed(input: string | Buffer, ...argv: readonly string[]): Promise<Finished>;
}

/** Throws when the world is not as it should be. */
export type Check = (world: World) => void | Promise<void>;

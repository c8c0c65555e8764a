/** One way of bringing the same stack up and down; each call resolves with the milliseconds of the whole command. */
export interface Side {
  readonly name: string;
  up(): Promise<number>;
  /** `up` once more with nothing to do. */
  unchanged(): Promise<number>;
  down(): Promise<number>;
  /** While the stack is up: megabytes that it costs beside the workload itself. */
  memory?(): Promise<number>;
}

/** Commands on one project, run one after another by both programs. */
export interface Sequence {
  readonly name: string;
  /** Files of the project directory by relative path. */
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** The arguments of one command, as one would type them; words in single quotes stay together. */
export type Step = string;

/** `exec web sh -c 'exit 3'` as a list. */
export function wordsOf(step: Step): readonly string[] {
  return [...step.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

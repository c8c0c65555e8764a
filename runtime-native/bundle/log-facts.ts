/** What the log of a container may speak of: its tag, its fields, its files. */
export interface LogFacts {
  /** The local log file. */
  readonly path: string;
  /** Native programs: the one that compresses and the one that speaks TLS. */
  readonly helper: string;
  readonly relay: string;
  readonly name: string;
  readonly id: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly argv: readonly string[];
  /** RFC 3339. */
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `KEY=value`. */
  readonly environment: readonly string[];
}

/** Of a container that does not exist yet: enough to judge its options. */
export const noLogFacts: LogFacts = {
  path: '',
  helper: '',
  relay: '',
  name: '',
  id: '',
  imageId: '',
  imageName: '',
  argv: [],
  createdAt: '',
  labels: {},
  environment: [],
};

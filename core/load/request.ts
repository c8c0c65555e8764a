import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Project } from '../model/project.ts';
import type { FetchDefinition } from './remote-definition.ts';

/** What `loadProject` (core/load/load-project.ts) is asked. All paths may be relative to `cwd`. */
export interface LoadRequest {
  readonly cwd: string;
  /** The whole process environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-f` in order; empty: COMPOSE_FILE, then discovery. `-` is stdin. */
  readonly files: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  /** `--env-file` in order. */
  readonly envFiles: readonly string[];
  /** `--profile`; empty: COMPOSE_PROFILES. `*` enables all. */
  readonly profiles: readonly string[];
  /** Services named on the command line: their profiles are enabled, their dependencies kept. Empty: all. */
  readonly services: readonly string[];
  /** Keep the selected services only, without their dependencies (`--no-deps`). */
  readonly withoutDependencies?: boolean;
  readonly allResources?: boolean;
  readonly compatibility?: boolean;
  readonly skipInterpolation?: boolean;
  readonly skipNormalization?: boolean;
  readonly skipPathResolution?: boolean;
  readonly skipConsistency?: boolean;
  readonly skipEnvResolution?: boolean;
  /** The text of standard input, at each call the same. */
  readonly readStdin?: () => Promise<string>;
  /** For definitions in git repositories and OCI artifacts (`-f`, `include`, `extends`); absent: they are refused. */
  readonly fetchDefinition?: FetchDefinition;
}

export interface Loaded {
  readonly project: Project;
  /** Warnings; errors are thrown together as one `TscomposeError`. */
  readonly warnings: readonly Diagnostic[];
  /** Definitions that were fetched: references by local file. */
  readonly fetched: ReadonlyMap<string, string>;
  /**
   * Where values came from: key is the JSON of the path segments (`["services","web","image"]`), for `config --explain`
   * and for diagnostics that a later phase reports about the model.
   */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Origin {
  readonly at: import('../source/span.ts').Span;
  /** Values that this one replaced, latest first. */
  readonly replaced: readonly import('../source/span.ts').Span[];
}

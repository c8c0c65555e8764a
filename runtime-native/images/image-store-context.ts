import type { DatabaseSync } from 'node:sqlite';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { Paths } from '../host/paths.ts';
import type { RegistryConnections } from './registry/registry-connections.ts';

/** What every part of the image store works on. */
export interface ImageStoreContext {
  readonly database: DatabaseSync;
  readonly paths: Paths;
  /** Absolute path of `tscompose-helper`. */
  readonly helper: string;
  /** Where settings of registries and `~/.docker/config.json` are looked for. */
  readonly env?: NodeJS.ProcessEnv;
  /** Gets warnings that belong to no call's failure: a mirror that does not answer, a registry that makes us wait. */
  readonly notice?: (diagnostic: Diagnostic) => void;
}

/** For what talks to registries. */
export interface RegistryContext extends ImageStoreContext {
  /** What pulls and pushes share; made when one of them comes first. */
  readonly connections: () => Promise<RegistryConnections>;
}

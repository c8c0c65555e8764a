import type { DatabaseSync } from 'node:sqlite';
import type { Paths } from '../host/paths.ts';

/** What every part of the image store works on. */
export interface ImageStoreContext {
  readonly database: DatabaseSync;
  readonly paths: Paths;
  /** Absolute path of `tscompose-helper`. */
  readonly helper: string;
  /** Where `~/.docker/config.json` is looked for; without it registries are asked anonymously. */
  readonly env?: NodeJS.ProcessEnv;
}

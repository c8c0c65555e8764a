import type { Engine } from '../engine/engine.ts';
import type { Emit } from '../events/event.ts';
import type { Network, Project, Service, Volume } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import type { ActionOf } from '../plan/plan.ts';
import type { Results } from './results.ts';

/** Docker Compose's own hashes for the label `com.docker.compose.config-hash` (core/load/render/config-hash.ts). */
export interface ConfigHashes {
  readonly service?: (service: Service) => string;
  readonly network?: (network: Network) => string;
  readonly volume?: (volume: Volume) => string;
}

/** Starts the container of an action. */
export type StartContainer = (action: ActionOf<'container.start'>, id: string, signal: AbortSignal) => Promise<void>;

/** What performing an action may use; one object for a whole execution. */
export interface Context {
  readonly engine: Engine;
  readonly project: Project;
  readonly observed: Observed;
  readonly hashes: ConfigHashes;
  readonly results: Results;
  readonly donorOf: (service: string) => string | undefined;
  readonly emit: Emit;
  readonly start: StartContainer;
}

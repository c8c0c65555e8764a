import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import type { EmitWatch } from '#core/watch/event.ts';
import type { Ledger } from '#core/watch/ledger.ts';
import type { IgnoreSet } from '#core/watch/root.ts';
import type { CommandContext } from '../../../context.ts';

/** What the parts of one watch share. */
export interface WatchServices {
  readonly context: CommandContext;
  readonly engine: Engine;
  /** As it is defined now: it may change while it is watched. */
  readonly project: () => Project;
  /** What the containers of a service have been given. */
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly emit: EmitWatch;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** The .dockerignore of a service's build context. */
  readonly ignoreFile: (service: string) => IgnoreSet | undefined;
  /** Makes a service's image again and its containers with it. */
  readonly rebuild: (service: string) => Promise<void>;
  readonly signal: AbortSignal;
}

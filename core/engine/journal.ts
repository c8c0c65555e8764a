import type { StringMap } from '../model/project.ts';
import type { Reason } from '../plan/reason.ts';

/** What happened to a container, as Docker names it. */
export type ContainerAction =
  | 'create'
  | 'start'
  | 'die'
  | 'oom'
  | 'kill'
  | 'stop'
  | 'restart'
  | 'pause'
  | 'unpause'
  | 'health_status'
  | 'rename'
  | 'destroy';

interface Entry {
  /** RFC 3339 with up to nanoseconds. */
  readonly time: string;
  /** Of the container. */
  readonly name: string;
  readonly service: string;
}

/** One thing that happened to a container of a project. */
export interface ContainerEvent extends Entry {
  readonly action: ContainerAction;
  readonly id: string;
  readonly oneOff: boolean;
  readonly image: string;
  /** The container's labels. */
  readonly labels: StringMap;
  /** With `die`. */
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  /** With `die`: the restart policy starts it again. */
  readonly restarting?: boolean;
  /** With `die`: why it could not run, in words. */
  readonly error?: string;
  /** With `kill`: number of the signal. */
  readonly signal?: number;
  /** With `health_status`. */
  readonly health?: 'healthy' | 'unhealthy';
  /** With `rename`. */
  readonly oldName?: string;
}

/** An action of a plan that was carried out, with its reason. */
export interface Decision extends Entry {
  readonly action: 'decision';
  /** `up`, `down`, … */
  readonly operation: string;
  /** Kind of the action, such as `container.create`. */
  readonly kind: string;
  readonly reason: Reason;
}

export type JournalEntry = ContainerEvent | Decision;

export interface JournalQuery {
  /** Milliseconds since the epoch; absent: what comes from now on, or everything without `follow`. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Goes on until `untilMs` or until the signal aborts. */
  readonly follow: boolean;
}

/** What happened to a project's containers, kept beyond their removal in a journal of bounded size; part of the `Engine`. */
export interface EngineJournal {
  journal(project: string, query: JournalQuery, signal?: AbortSignal): AsyncIterable<JournalEntry>;
  /** Adds decisions; what containers do is written by the engine itself. */
  recordDecisions(project: string, decisions: readonly Decision[]): Promise<void>;
  /** Adds `restart`, which the engine sees as a stop and a start. */
  recordRestart(id: string): Promise<void>;
}

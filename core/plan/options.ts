/**
 * Options of the planners. Signatures (all pure and synchronous, in files of their own beside this one):
 *
 *     observeQuery(project: Project): ObserveQuery                       core/observe/query.ts
 *     planUp(project, observed, options: UpOptions): Planned             core/plan/up.ts
 *     planDown(model, observed, options: DownOptions): Planned           core/plan/down.ts
 *     planStop / planKill / planRemove / planPause / planUnpause         core/plan/lifecycle.ts
 *     planStart / planRestart                                            core/plan/start-services.ts
 *     planPull(project, observed, options): Planned                      core/plan/pull.ts
 *     planText(plan): string                                             core/plan/text.ts
 *     execute({ plan, project, observed, engine, emit, signal, … })      core/execute/execute.ts
 *     projectFromContainers(name, observed): Project                     core/observe/project-from-labels.ts
 *
 * Services named on the command line are `services`; empty means all.
 */
export interface UpOptions {
  readonly services: readonly string[];
  readonly recreate: 'diverged' | 'force' | 'never';
  readonly recreateDependencies: 'diverged' | 'force' | 'never';
  readonly withoutDependencies: boolean;
  /** Create only (`create`, `up --no-start`). */
  readonly withoutStart: boolean;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans: boolean;
  readonly renewAnonymousVolumes: boolean;
  readonly scale: Readonly<Record<string, number>>;
  /** Grace period for containers that are stopped; absent: the service's own. */
  readonly timeoutMs?: number;
  /** `--wait`: await running_or_healthy of every service at the end. */
  readonly wait: boolean;
  readonly waitTimeoutMs?: number;
  readonly pull?: 'always' | 'missing' | 'never';
  /** Milliseconds since the epoch, for pull policies such as `daily`; absent: no tag is too old. */
  readonly nowMs?: number;
  /** `always`: also what is here (`--build`); `never`: not even what is missing; `done`: just built, as the first part of this command. */
  readonly build?: 'always' | 'never' | 'done';
  /** Images that the Dockerfile of a service begins with, as far as they are known without building: other services may make them. */
  readonly buildBases?: Readonly<Record<string, readonly string[]>>;
  /** `done`: providers have just run, as the first part of this command. */
  readonly providers?: 'done';
  /** Between the parts of container names; `_` with `--compatibility`. */
  readonly separator?: '-' | '_';
  /** Instead of the replicas of this service (which stay as they are), one container of this name (`run`). */
  readonly oneOff?: OneOff;
  /** The user agreed to lose the data of volumes whose definition changed (`-y` or a prompt). */
  readonly recreateVolumes: boolean;
  /** Services that were put aside stay so (core/plan/resume.ts). */
  readonly resume?: boolean;
}

export interface OneOff {
  readonly service: string;
  readonly name: string;
  /** Joins networks under the names of its service too. */
  readonly useAliases: boolean;
  /** Gone when it has ended. */
  readonly autoRemove: boolean;
}

export interface DownOptions {
  readonly services: readonly string[];
  readonly removeOrphans: boolean;
  readonly volumes: boolean;
  readonly images?: 'all' | 'local';
  readonly timeoutMs?: number;
}

export interface LifecycleOptions {
  readonly services: readonly string[];
  readonly timeoutMs?: number;
  readonly withoutDependencies?: boolean;
  readonly wait?: boolean;
  readonly waitTimeoutMs?: number;
  /** `start`: services that were put aside stay so (core/plan/resume.ts). */
  readonly resume?: boolean;
  /** `stop`: does not put aside; a resume starts again what ran. */
  readonly resumable?: boolean;
}

export interface KillOptions {
  readonly services: readonly string[];
  /** Name such as `SIGKILL`. */
  readonly signal: string;
  /** Also containers of services that the file does not know. */
  readonly removeOrphans?: boolean;
}

export interface RemoveOptions {
  readonly services: readonly string[];
  /** Stop what runs first; otherwise running containers stay. */
  readonly stop: boolean;
  /** Anonymous volumes too. */
  readonly volumes: boolean;
}

import type { Readable } from 'node:stream';
import type { BuildCacheEntry, BuildEvent, BuildPrune, BuildRequest } from '../builder/request.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Observed, ObservedContainer, ObserveQuery } from '../observe/observed.ts';
import type { ContainerDetails } from './details.ts';
import type { Exposure } from './exposure.ts';
import type { EngineFiles } from './files.ts';
import type { EngineJournal } from './journal.ts';
import type { EngineProviders } from './provider.ts';
import type {
  AttachSession,
  ContainerSpec,
  ExecSpec,
  ExecStreams,
  ImageImport,
  ImageSummary,
  LogEntry,
  LogQuery,
  NetworkSpec,
  PullProgress,
  PushedImage,
  PushProgress,
  VolumeSpec,
} from './specs.ts';
import type { EngineStore } from './store.ts';
import type { SyncSession, SyncSpec } from './sync.ts';
import type { ContainerProcess, ContainerUsage } from './usage.ts';

/** One thing of the host that the engine builds on, such as `runtime` with `crun 1.8.1, /usr/bin/crun`. */
export interface HostFinding {
  readonly what: string;
  readonly found: string;
}

/**
 * What tscompose needs of a machine that runs containers. `core` declares it, `runtime-native` implements it on Linux,
 * `core/engine/memory-engine.ts` in memory (planner and CLI tests without root).
 *
 * Nouns. A **container** is one replica, known by a 64-hex id and by a name unique on the engine; it is *created* (has a
 * writable layer, leases, no process), *running*, *paused*, *restarting* (down, policy will start it again) or *exited*.
 * A **network** and a **volume** are known by their engine name.
 *
 * Idempotence. Creating what exists with the same name is an error of the caller (`engine.name-taken`) except where said;
 * removing what is not there succeeds; starting a running and stopping a stopped container succeed and do nothing.
 *
 * Every call may reject with a `TscomposeError` whose codes are listed in `core/engine/catalogue.ts`; an aborted
 * `signal` rejects with its reason and leaves nothing half-made. Writes are durable when a call resolves.
 */
export interface Engine extends EngineStore, EngineProviders, EngineFiles, EngineJournal, AsyncDisposable {
  /**
   * Everything `plan` needs, in one consistent reading. Before it reads it sweeps what killed processes left behind
   * (a running state without a living supervisor). Unknown projects observe as empty.
   */
  observe(query: ObserveQuery, signal?: AbortSignal): Promise<Observed>;

  /** All containers of all projects on this engine (for `ls` and the port report), or of one project. */
  listContainers(filter?: { readonly project?: string }): Promise<readonly ObservedContainer[]>;

  /** All that is known of one container; `engine.container-not-found`. */
  inspectContainer(id: string): Promise<ContainerDetails>;

  /** Processes of a running container; `engine.container-not-running`. */
  listProcesses(id: string): Promise<readonly ContainerProcess[]>;
  /** What a running container uses now; `engine.container-not-running`. */
  containerUsage(id: string): Promise<ContainerUsage>;

  /** Every way into running containers of all projects, for the exposure report. */
  listExposure(): Promise<readonly Exposure[]>;

  /**
   * Takes the project's lock; held over observe, plan and execute. Waits for another command and calls `onWait` once
   * with its pid. A lock whose holder is dead is taken over.
   */
  lockProject(
    project: string,
    onWait: (holder: { pid: number; command: string }) => void,
    signal?: AbortSignal,
  ): Promise<AsyncDisposable>;

  /** Host requirements: empty when this machine can run containers. Each diagnostic's hint has the command that helps. */
  checkHost(): Promise<readonly Diagnostic[]>;
  /** What the engine found of what it needs, for people to read; what is missing is in `checkHost` only. Runs programs: slow. */
  describeHost(): Promise<readonly HostFinding[]>;

  createNetwork(spec: NetworkSpec, signal?: AbortSignal): Promise<void>;
  /** Rejects with `engine.network-in-use` while a container is attached. */
  removeNetwork(name: string, signal?: AbortSignal): Promise<void>;

  createVolume(spec: VolumeSpec, signal?: AbortSignal): Promise<void>;
  /** Rejects with `engine.volume-in-use` while a container, running or not, refers to it. */
  removeVolume(name: string, signal?: AbortSignal): Promise<void>;

  /** Writes a volume's files as a tar archive; `engine.volume-not-found`, `engine.volume-not-transferable`. */
  exportVolume(name: string, output: NodeJS.WritableStream, signal?: AbortSignal): Promise<void>;
  /** Fills a volume, made when absent, from a tar archive; one that has files only with `merge`. */
  importVolume(name: string, source: { readonly input: Readable; readonly merge: boolean }, signal?: AbortSignal): Promise<void>;

  /**
   * Makes a container in state created. Image, networks and named volumes must exist (`engine.image-not-found`,
   * `engine.network-not-found`, `engine.volume-not-found`); anonymous volumes are made here.
   */
  createContainer(spec: ContainerSpec, signal?: AbortSignal): Promise<{ readonly id: string }>;
  /** Resolves when the container's process runs (exec has succeeded); rejects with `engine.start-failed` and the runtime's words otherwise. */
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  /**
   * Stop signal, grace period (`timeoutMs`, else the service's, else 10 s), then SIGKILL; resolves when the process is gone and the
   * supervisor has ended. What is wanted (`desired`) becomes `stopped`, unless `isResumable`.
   */
  stopContainer(id: string, options: StopOptions, signal?: AbortSignal): Promise<void>;
  /** Sends a signal (name such as `SIGHUP`) to a running container's first process. */
  killContainer(id: string, signalName: string, signal?: AbortSignal): Promise<void>;
  pauseContainer(id: string, signal?: AbortSignal): Promise<void>;
  unpauseContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes a stopped container with its writable layer, log and leases; `volumes` also its anonymous volumes. `engine.container-running` when it runs. */
  removeContainer(id: string, options: { readonly volumes?: boolean }, signal?: AbortSignal): Promise<void>;
  renameContainer(id: string, name: string, signal?: AbortSignal): Promise<void>;

  /**
   * Waits until the container satisfies `condition` or can no longer do so, and tells which; never rejects because of
   * the container's own fate. `running`: has a process. `healthy`: health check passed; a container without one counts
   * as healthy only for `running_or_healthy`. `exited`: ended for good (no restart pending).
   */
  awaitContainer(id: string, condition: AwaitCondition, signal?: AbortSignal): Promise<AwaitOutcome>;

  /**
   * Joins a container's first process: its output from now on, input where it keeps stdin open. With `start` a container
   * that does not run is started, its first instruction waits for this connection. Resolves when the process runs
   * (`engine.container-not-running`, `engine.start-failed`). An aborted signal leaves the process alone.
   */
  attach(id: string, options: { readonly start: boolean }, streams: ExecStreams, signal?: AbortSignal): Promise<AttachSession>;
  /** Runs a process in a running container; resolves with its exit code (126/127 as Docker: cannot execute / not found). */
  exec(id: string, spec: ExecSpec, streams: ExecStreams, signal?: AbortSignal): Promise<{ readonly exitCode: number }>;
  /**
   * Opens a running container's files for copying from the host, past its user, image and read-only root: through its mounts, as they
   * are, to what they allow. What is made belongs to the container's user. Rejects with `engine.container-not-running`.
   */
  openSync(id: string, spec: SyncSpec, signal?: AbortSignal): Promise<SyncSession>;
  /** Log entries in order; with `follow` it goes on until the container is removed, exited for good, or the signal aborts. */
  logs(id: string, query: LogQuery, signal?: AbortSignal): AsyncIterable<LogEntry>;
  /** State changes of the project's containers from now on, for attached `up`, `logs -f`, `--wait` and `events`. */
  watch(project: string, signal: AbortSignal): AsyncIterable<ContainerChange>;

  /** The local image a reference names, or undefined. Short names mean Docker Hub's long ones. */
  inspectImage(reference: string): Promise<ImageSummary | undefined>;
  listImages(): Promise<readonly ImageSummary[]>;
  /** One file system archive becomes an image of one layer (`docker import`). */
  importImage(request: ImageImport, signal?: AbortSignal): Promise<ImageSummary>;
  /** Docker archives and OCI layouts, plain or compressed. Every image of the archive; digests are verified. */
  loadImages(
    path: string,
    onProgress: (progress: { readonly reference: string; readonly doneBytes: number; readonly totalBytes: number }) => void,
    signal?: AbortSignal,
  ): Promise<readonly ImageSummary[]>;
  /** Fetches an image into the store. Rejects with `engine.pull-failed`. */
  pullImage(
    reference: string,
    options: { readonly platform?: string },
    onProgress: (progress: PullProgress) => void,
    signal?: AbortSignal,
  ): Promise<ImageSummary>;
  /** Sends a local image to the registry that its name tells. Rejects with `engine.push-failed`, `engine.image-not-found`. */
  pushImage(reference: string, onProgress: (progress: PushProgress) => void, signal?: AbortSignal): Promise<PushedImage>;
  /** The long reference with the digest that its registry has for the tag now, `docker.io/library/nginx:1.27@sha256:…`. Rejects with `engine.pull-failed`. */
  pinReference(reference: string, signal?: AbortSignal): Promise<string>;
  tagImage(reference: string, target: string): Promise<void>;

  /**
   * Builds an image from a Dockerfile and gives it the request's names. Steps that were done before are taken from the cache, also
   * after a build that failed or was killed. Rejects with `build.*`, at the instruction that is to blame.
   */
  buildImage(request: BuildRequest, onEvent: (event: BuildEvent) => void, signal?: AbortSignal): Promise<ImageSummary>;
  /** What is kept for later builds: results of steps, and directories of cache mounts. Puts in order first what killed builds left. */
  listBuildCache(): Promise<readonly BuildCacheEntry[]>;
  /** Removes build cache that no build uses now; images stay whole. */
  pruneBuildCache(prune: BuildPrune): Promise<{ readonly deleted: readonly string[]; readonly reclaimedBytes: number }>;
  /** Removes a tag, and the image with its unshared layers when it was the last one. `engine.image-in-use` while a container uses it. */
  removeImage(
    reference: string,
    options: { readonly force?: boolean },
  ): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly string[] }>;
}

export type AwaitCondition = 'running' | 'healthy' | 'running_or_healthy' | 'exited';

export type AwaitOutcome =
  | { readonly outcome: 'satisfied'; readonly exitCode?: number }
  /** Ended (for good) before the condition held. */
  | { readonly outcome: 'exited'; readonly exitCode: number }
  | { readonly outcome: 'unhealthy'; readonly output: string }
  | { readonly outcome: 'no-healthcheck' }
  | { readonly outcome: 'removed' };

export interface ContainerChange {
  readonly container: ObservedContainer;
  /** What happened last; `state` covers changes between two readings that need no name of their own. */
  readonly change: 'created' | 'started' | 'died' | 'restarting' | 'health' | 'paused' | 'unpaused' | 'removed' | 'state';
}

export interface StopOptions {
  readonly timeoutMs?: number;
  readonly isResumable?: boolean;
}

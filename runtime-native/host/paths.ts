import { join } from 'node:path';

/**
 * Where everything is. The one place that knows state roots; nothing else builds an absolute state path.
 * See docs/state.md for who writes what.
 */
export interface Paths {
  /** Durable state: `/var/lib/tscompose`. */
  readonly root: string;
  /** Volatile state: `/run/tscompose`; gone after a reboot. */
  readonly run: string;
  readonly database: string;
  readonly blobs: string;
  readonly layers: string;
  /** Layer archives that a pull has begun; a later one goes on with them. */
  readonly downloads: string;
  readonly volumes: string;
  readonly locks: string;
  /** Unfinished writes; swept when their writer is dead. */
  readonly temporary: string;
  /** `--root` of the OCI runtime. */
  readonly runtimeRoot: string;
  /** Compiled seccomp filters; may be deleted at any time. */
  readonly seccompFilters: string;
  /** Directories of `RUN --mount=type=cache`. */
  readonly buildCaches: string;
  /** What is known of the files of build contexts; may be deleted at any time. */
  readonly contentStamps: string;
  /** What happened to a project's containers. */
  journal(project: string): string;
  containerState(id: string): string;
  /** Directory name is the id's first 24 characters: unix socket paths end at 107 bytes. */
  containerRun(id: string): string;
  /** DNS table directory of a network. */
  networkRun(networkId: string): string;
}

/** `TSCOMPOSE_ROOT` moves both trees (its `run/` becomes the volatile one), so that tests never meet a user's state. */
export function statePaths(env: NodeJS.ProcessEnv): Paths {
  const custom = env['TSCOMPOSE_ROOT'];
  const root = custom ?? '/var/lib/tscompose';
  const run = custom === undefined ? '/run/tscompose' : join(custom, 'run');
  return {
    root,
    run,
    database: join(root, 'state.db'),
    blobs: join(root, 'blobs', 'sha256'),
    layers: join(root, 'layers'),
    downloads: join(root, 'downloads'),
    volumes: join(root, 'volumes'),
    locks: join(run, 'locks'),
    temporary: join(root, 'tmp'),
    runtimeRoot: join(run, 'runtime'),
    seccompFilters: join(root, 'cache', 'seccomp'),
    buildCaches: join(root, 'build-caches'),
    contentStamps: join(root, 'cache', 'content-stamps'),
    journal: (project) => join(root, 'events', project),
    containerState: (id) => join(root, 'containers', id),
    containerRun: (id) => join(run, 'containers', id.slice(0, 24)),
    networkRun: (networkId) => join(run, 'networks', networkId),
  };
}

import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Engine } from '#core/engine/engine.ts';
import { requireContainer } from './containers/container-rows.ts';
import { observeContainers } from './containers/observe-container.ts';
import type { NativeEngineOptions } from './engine-context.ts';
import { explainedEngine } from './explained-engine.ts';
import { type Paths, statePaths } from './host/paths.ts';
import { explainStateFailure } from './host/state-failure.ts';
import { openContext } from './open-context.ts';

/**
 * Opens the embedded engine: the state database only, everything else on first use. Dispose it, so that the launcher ends.
 * Modules are imported when a call needs them: `ps` must not pay for `up`.
 */
export async function openNativeEngine(options: NativeEngineOptions): Promise<Engine> {
  // State belongs to root: whoever else asks would be told by the file system, in worse words.
  if (process.geteuid?.() !== 0) throw new TscomposeError((await import('./host/requirements.ts')).rootRequired());
  const paths = statePaths(options.env);
  const context = openState(options, paths);
  const { database } = context;
  const engine: Engine = {
    observe: async (query, signal) => (await import('./containers/observe.ts')).observe(context, query, signal),
    listContainers: async (filter) => observeContainers(context, filter?.project),
    async *journal(project, query, signal) {
      yield* (await import('./journal/journal.ts')).readEntries(context, project, { query, signal });
    },
    recordDecisions: async (project, decisions) =>
      (await import('./journal/journal.ts')).recordDecisions(context, project, decisions),
    recordRestart: async (id) => {
      const row = requireContainer(database, id);
      (await import('./journal/journal.ts')).noteEvent(context, row, { action: 'restart' });
    },
    statPath: async (...args) => (await import('./containers/container-files.ts')).statPath(context, ...args),
    archivePath: async (...args) => (await import('./containers/container-files.ts')).archivePath(context, ...args),
    extractArchive: async (...args) => (await import('./containers/container-files.ts')).extractArchive(context, ...args),
    inspectContainer: async (id) => (await import('./containers/inspect-container.ts')).inspectContainer(context, id),
    listProcesses: async (id) => (await import('./containers/list-processes.ts')).listProcesses(context, id),
    containerUsage: async (id) => (await import('./containers/container-usage.ts')).containerUsage(context, id),
    lockProject: async (project, onWait, signal) =>
      (await import('./host/project-lock.ts')).lockProject({ directory: context.paths.locks, project, onWait, signal }),
    checkHost: async () => (await import('./host/requirements.ts')).checkHost(context),
    describeHost: async () => (await import('./host/describe-host.ts')).describeHost(context),

    createNetwork: async (spec, signal) => (await import('./network/networks.ts')).createNetwork(context, spec, signal),
    removeNetwork: async (name, signal) => (await import('./network/networks.ts')).removeNetwork(context, name, signal),
    createVolume: async (spec, signal) => {
      signal?.throwIfAborted();
      (await import('./volumes/volumes.ts')).createVolume(context, spec);
    },
    removeVolume: async (name, signal) => {
      signal?.throwIfAborted();
      await (await import('./volumes/volumes.ts')).removeVolume(context, name);
    },

    listExposure: async () => (await import('./network/exposure.ts')).listExposure(context),

    exportVolume: async (name, output, signal) =>
      (await import('./volumes/volume-stream.ts')).exportVolume(context, name, { output, signal }),
    importVolume: async (name, source, signal) =>
      (await import('./volumes/volume-stream.ts')).importVolume(context, name, { ...source, signal }),

    createContainer: async (spec, signal) =>
      (await import('./containers/create-container.ts')).createContainer(context, spec, signal),
    startContainer: async (id, signal) =>
      (await import('./containers/start-container.ts')).startContainer(context, id, { signal }),
    stopContainer: async (id, options, signal) =>
      (await import('./containers/stop-container.ts')).stopContainer(context, id, { ...options, signal }),
    killContainer: async (id, signalName, signal) =>
      (await import('./containers/signal-container.ts')).killContainer(context, id, { signalName, signal }),
    pauseContainer: async (id, signal) => (await import('./containers/signal-container.ts')).pauseContainer(context, id, signal),
    unpauseContainer: async (id, signal) =>
      (await import('./containers/signal-container.ts')).unpauseContainer(context, id, signal),
    removeContainer: async (id, removal, signal) => {
      signal?.throwIfAborted();
      await (await import('./containers/remove-container.ts')).removeContainer(context, id, removal);
    },
    renameContainer: async (id, name) => {
      const row = requireContainer(database, id);
      const holder = database.prepare('SELECT 1 FROM containers WHERE name = ? AND id <> ?').get(name, id);
      if (holder !== undefined) throw new TscomposeError(diagnose('engine.name-taken', { kind: 'container', name }));
      database.prepare('UPDATE containers SET name = ? WHERE id = ?').run(name, id);
      (await import('./journal/journal.ts')).noteEvent(context, { ...row, name }, { action: 'rename', oldName: row.name });
    },

    awaitContainer: async (id, condition, signal) =>
      (await import('./containers/await-container.ts')).awaitContainer(context, id, { condition, signal }),
    attach: async (id, { start }, streams, signal) =>
      (await import('./containers/attach.ts')).attachContainer(context, { id, start, streams, signal }),
    exec: async (id, spec, streams, signal) =>
      (await import('./containers/exec.ts')).execInContainer(context, { id, spec, streams, signal }),
    openSync: async (id, spec, signal) => (await import('./watch/open-sync.ts')).openSync(context, id, { spec, signal }),
    async *logs(id, query, signal) {
      yield* (await import('./containers/container-logs.ts')).containerLogs(context, id, { query, signal });
    },
    async *watch(project, signal) {
      yield* (await import('./containers/watch-project.ts')).watchProject(context, project, signal);
    },

    runProvider: async (request, onMessage, signal) =>
      (await import('./providers/run-provider.ts')).runProvider(context.env, request, { onMessage, signal }),

    inspectImage: async (reference) => (await context.images()).inspect(reference),
    listImages: async () => (await context.images()).list(),
    importImage: async (request, signal) => (await context.images()).import(request, signal),
    loadImages: async (path, onProgress, signal) => (await context.images()).load(path, onProgress, signal),
    pullImage: async (reference, pull, onProgress, signal) => (await context.images()).pull(reference, pull, onProgress, signal),
    pushImage: async (reference, onProgress, signal) => (await context.images()).push(reference, onProgress, signal),
    pinReference: async (reference, signal) => (await context.images()).pin(reference, signal),
    buildImage: async (request, onEvent, signal) =>
      (await import('./builder/build-image.ts')).buildImage(context, request, { emit: onEvent, signal }),
    listBuildCache: async () => {
      await (await import('./builder/sweep-builds.ts')).sweepBuilds(context);
      return (await import('./builder/build-cache.ts')).listBuildCache(context);
    },
    pruneBuildCache: async (prune) => (await import('./builder/build-cache.ts')).pruneBuildCache(context, prune),
    tagImage: async (reference, target) => (await context.images()).tag(reference, target),
    removeImage: async (reference, removal) => (await context.images()).remove(reference, removal),

    saveImages: async (request) => (await context.images()).save(request),
    describeImage: async (reference) => (await context.images()).describe(reference),
    pruneImages: async (prune) => (await context.images()).prune(prune),
    diskUsage: async (signal) => (await import('./disk-usage.ts')).diskUsage(context, signal),
    exportContainer: async (id, output, signal) =>
      (await import('./containers/commit-container.ts')).exportContainer(context, id, { output, signal }),
    commitContainer: async (id, commit, signal) =>
      (await import('./containers/commit-container.ts')).commitContainer(context, id, { commit, signal }),

    [Symbol.asyncDispose]: () => context[Symbol.asyncDispose](),
  };
  return explainedEngine(engine, paths);
}

function openState(options: NativeEngineOptions, paths: Paths): ReturnType<typeof openContext> {
  try {
    return openContext(options);
  } catch (error) {
    throw explainStateFailure(error, paths);
  }
}

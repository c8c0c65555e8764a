// long file: one closure over the whole state, call by call in the order of the interface.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TscomposeError } from '../diagnostics/error.ts';
import type { Observed, ObservedContainer, PortHolder, PublishedPort } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import type { ContainerChange, Engine } from './engine.ts';
import type { ContainerAction, ContainerEvent } from './journal.ts';
import { type ChangeFeed, changeFeed } from './memory/change-feed.ts';
import { type Behaviour, type MemoryContainer, observedContainer, startedState } from './memory/container.ts';
import { memoryDetails } from './memory/details.ts';
import { memoryExposure } from './memory/exposure.ts';
import { type MemoryTree, memoryFiles } from './memory/files.ts';
import { type MemoryImages, memoryImages } from './memory/images.ts';
import { memoryJournal } from './memory/journal.ts';
import { judge } from './memory/judge.ts';
import { projectLocks } from './memory/locks.ts';
import { refuseFiles, resolveMounts } from './memory/mounts.ts';
import { memoryStore } from './memory/store.ts';
import { memorySync } from './memory/sync.ts';
import { memoryProcesses, memoryUsage } from './memory/usage.ts';
import type { ProviderRequest, ProviderVariable } from './provider.ts';
import type { ContainerSpec, ExecStreams, ImageSummary, LogEntry, NetworkSpec, VolumeSpec } from './specs.ts';
import type { DiskUsage } from './store.ts';

export interface MemoryEngineOptions {
  /** Local images at the start: references, or whole summaries. */
  readonly images?: readonly (string | ImageSummary)[];
  /** References that can be pulled; absent: all. */
  readonly registry?: readonly string[];
  /** What a container's process does; absent: it runs until it is stopped, and is healthy as soon as it starts. */
  readonly behaviour?: (spec: ContainerSpec) => Behaviour;
  /** What the program of a provider sets. */
  readonly providers?: (request: ProviderRequest) => readonly ProviderVariable[];
  /** Called before each writing call; what it returns is thrown. */
  readonly fail?: (call: Call) => Error | undefined;
  /** Milliseconds that a call takes; absent: none. */
  readonly delayMs?: (call: Call) => number;
  readonly heldPorts?: readonly PortHolder[];
  /** Content digests by absolute path; a path that is not here does not exist. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One writing call: its name in the interface, and the name of what it is about. */
export interface Call {
  readonly name: keyof Engine & string;
  readonly subject: string;
}

/** The engine in memory, and handles for tests to change the world behind the commands' back. */
export interface MemoryEngine extends Engine {
  /** Writing calls so far, in order of their start. */
  readonly calls: readonly Call[];
  /** How many reading calls wait for the next change. */
  waiting(): number;
  /** Content of a file that configs and secrets refer to; undefined removes it. */
  setFile(path: string, digest: string | undefined): void;
  /** A new image under this reference, as another pull or load would bring it. */
  setImage(reference: string, revision: string): ImageSummary;
  setHealth(id: string, health: 'starting' | 'healthy' | 'unhealthy', output?: string): void;
  /** Ends the container's process as if by itself. */
  exit(id: string, exitCode: number): void;
  addLog(id: string, text: string, stream?: 'stdout' | 'stderr'): void;
}

/**
 * The Engine interface without a machine: state lives in this object, nothing runs, time is counted rather than measured, ids
 * follow from the order of calls. For tests of planner, executor and CLI without root; `core/engine/conformance.ts` holds it to what
 * the native engine does.
 */
export function memoryEngine(options: MemoryEngineOptions = {}): MemoryEngine {
  const containers = new Map<string, MemoryContainer>();
  const networks = new Map<string, { readonly spec: NetworkSpec; readonly index: number }>();
  const volumes = new Map<string, { readonly spec: VolumeSpec; readonly anonymous: boolean }>();
  const files = new Map(Object.entries(options.files ?? {}));
  const images: MemoryImages = memoryImages(options);
  const trees = new Map<string, MemoryTree>();
  const calls: Call[] = [];
  const feed: ChangeFeed = changeFeed();
  const locks = projectLocks();
  const journal = memoryJournal(feed, (id) => toObserved(get(id)), now);
  let clock = Date.UTC(2026, 0, 1);
  let serial = 0;

  const engine: MemoryEngine = {
    calls,
    waiting: () => feed.waiting(),
    setFile(path, digest) {
      if (digest === undefined) files.delete(path);
      else files.set(path, digest);
    },
    setImage: (reference, revision) => images.put(reference, revision),
    setHealth(id, health, output) {
      const container = get(id);
      container.health = health;
      container.healthOutput = output;
      changed(container, 'health');
    },
    exit: (id, exitCode) => end(get(id), exitCode),
    addLog(id, text, stream = 'stdout') {
      get(id).logs.push({ stream, time: now(), text, partial: false });
      feed.wake();
    },

    async observe(query, signal) {
      signal?.throwIfAborted();
      const attached = (test: (container: MemoryContainer) => boolean) =>
        [...containers.values()]
          .filter(test)
          .map((one) => one.id)
          .sort();
      return {
        project: query.project,
        containers: await engine.listContainers({ project: query.project }),
        networks: [...networks.values()]
          .filter(({ spec }) => spec.project === query.project || query.networks.includes(spec.name))
          .map(({ spec, index }) => ({
            name: spec.name,
            ...(spec.project === undefined ? {} : { project: spec.project }),
            labels: spec.labels,
            subnets: spec.pools
              .flatMap((pool) => pool.subnet ?? [])
              .concat(spec.pools.length === 0 ? [`10.64.${index}.0/24`] : []),
            containers: attached((one) => one.spec.endpoints.some((endpoint) => endpoint.network === spec.name)),
          }))
          .sort(byName),
        volumes: [...volumes.values()]
          .filter(({ spec }) => spec.project === query.project || query.volumes.includes(spec.name))
          .map(({ spec, anonymous }) => ({
            name: spec.name,
            ...(spec.project === undefined ? {} : { project: spec.project }),
            labels: spec.labels,
            anonymous,
            containers: attached((one) => one.mounts.some((mount) => mount.type === 'volume' && mount.source === spec.name)),
          }))
          .sort(byName),
        images: Object.fromEntries(
          query.images.flatMap((reference) => {
            const image = images.find(reference);
            return image === undefined ? [] : [[reference, image]];
          }),
        ),
        heldPorts: heldPorts(query),
        fileDigests: Object.fromEntries(query.files.map((path) => [path, files.get(path) ?? null])),
      } satisfies Observed;
    },

    journal: journal.journal,
    recordDecisions: journal.recordDecisions,
    recordRestart: journal.recordRestart,
    ...memoryFiles((root) => {
      const key = 'container' in root ? get(root.container).id : 'host';
      const tree = trees.get(key) ?? new Map();
      trees.set(key, tree);
      return tree;
    }),
    inspectContainer: async (id) => memoryDetails(get(id), toObserved(get(id))),
    listProcesses: async (id) => memoryProcesses(running(id), now()),
    containerUsage: async (id) => memoryUsage(running(id), now()),
    listExposure: async () => memoryExposure([...containers.values()].map(toObserved)),
    exportVolume: refuseFiles,
    importVolume: refuseFiles,
    async listContainers(filter = {}) {
      return [...containers.values()]
        .filter((one) => filter.project === undefined || one.spec.project === filter.project)
        .map((one) => toObserved(one))
        .sort(byName);
    },

    lockProject: (project, onWait, signal) => locks.lock(project, onWait, signal),

    async checkHost() {
      return [];
    },
    async describeHost() {
      return [{ what: 'engine', found: 'in memory' }];
    },

    async createNetwork(spec, signal) {
      await begin({ name: 'createNetwork', subject: spec.name }, signal);
      if (networks.has(spec.name)) throw new TscomposeError(diagnose('engine.name-taken', { kind: 'network', name: spec.name }));
      networks.set(spec.name, { spec, index: networks.size });
    },
    async removeNetwork(name, signal) {
      await begin({ name: 'removeNetwork', subject: name }, signal);
      const users = [...containers.values()].filter((one) => one.spec.endpoints.some((endpoint) => endpoint.network === name));
      if (users.length > 0) throw new TscomposeError(diagnose('engine.network-in-use', { name, containers: namesOf(users) }));
      networks.delete(name);
    },
    async createVolume(spec, signal) {
      await begin({ name: 'createVolume', subject: spec.name }, signal);
      if (volumes.has(spec.name)) throw new TscomposeError(diagnose('engine.name-taken', { kind: 'volume', name: spec.name }));
      volumes.set(spec.name, { spec, anonymous: false });
    },
    async removeVolume(name, signal) {
      await begin({ name: 'removeVolume', subject: name }, signal);
      const users = usersOfVolume(name);
      if (users.length > 0) throw new TscomposeError(diagnose('engine.volume-in-use', { name, containers: namesOf(users) }));
      volumes.delete(name);
    },

    async createContainer(spec, signal) {
      await begin({ name: 'createContainer', subject: spec.name }, signal);
      checkNameFree(spec.name);
      const image = images.find(spec.image);
      if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: spec.image }));
      for (const { network } of spec.endpoints) {
        if (!networks.has(network)) throw new TscomposeError(diagnose('engine.network-not-found', { name: network }));
      }
      for (const mount of spec.mounts) {
        if (mount.type === 'volume' && mount.volume !== undefined && !volumes.has(mount.volume)) {
          throw new TscomposeError(diagnose('engine.volume-not-found', { name: mount.volume }));
        }
      }
      const id = newId('container');
      const container: MemoryContainer = {
        id,
        spec,
        name: spec.name,
        image,
        behaviour: options.behaviour?.(spec) ?? {},
        mounts: resolveMounts({
          spec,
          image,
          inherited: containers.get(spec.inheritVolumesFrom ?? '')?.mounts ?? [],
          ...anonymousVolumes(spec),
        }),
        createdAt: now(),
        state: 'created',
        desired: 'stopped',
        restartCount: 0,
        logs: [],
        run: 0,
      };
      containers.set(id, container);
      changed(container, 'created');
      return { id };
    },
    async startContainer(id, signal) {
      const container = get(id);
      await begin({ name: 'startContainer', subject: container.name }, signal);
      if (container.state === 'running' || container.state === 'paused') return;
      const lender = container.spec.networkContainer;
      if (lender !== undefined && containers.get(lender)?.state !== 'running') {
        throw startFailed(container, 'the container whose network it shares is not running');
      }
      const holder = portHolder(container);
      if (holder !== undefined) throw startFailed(container, `host port ${holder.port} is held by ${holder.name}`);
      if (container.behaviour.startError !== undefined) throw startFailed(container, container.behaviour.startError);
      Object.assign(container, startedState(container, { startedAt: now() }));
      changed(container, 'started');
      const { exitCode, runMs = 0 } = container.behaviour;
      if (exitCode !== undefined) later(runMs, container, () => end(container, exitCode));
      if (container.health === 'starting' && container.behaviour.health !== 'starting') {
        later(container.behaviour.healthMs ?? 0, container, () =>
          engine.setHealth(id, container.behaviour.health ?? 'healthy', container.behaviour.healthOutput),
        );
      }
    },
    async stopContainer(id, { isResumable }, signal) {
      const container = get(id);
      await begin({ name: 'stopContainer', subject: container.name }, signal);
      if (!isResumable) container.desired = 'stopped';
      if (container.state === 'running' || container.state === 'paused' || container.state === 'restarting') {
        journal.note(toObserved(container), { action: 'kill', signal: 15 });
        end(container, container.behaviour.stopExitCode ?? 143);
        journal.note(toObserved(container), { action: 'stop' });
      }
    },
    async killContainer(id, signalName, signal) {
      const container = get(id);
      await begin({ name: 'killContainer', subject: container.name }, signal);
      if (container.state !== 'running' && container.state !== 'paused') throw notRunning(container);
      journal.note(toObserved(container), { action: 'kill' });
      if (signalName === 'SIGKILL') end(container, 137);
      else if (signalName === 'SIGTERM' || signalName === 'SIGINT') end(container, signalName === 'SIGTERM' ? 143 : 130);
    },
    async pauseContainer(id, signal) {
      const container = get(id);
      await begin({ name: 'pauseContainer', subject: container.name }, signal);
      if (container.state !== 'running') throw notRunning(container);
      container.state = 'paused';
      changed(container, 'paused');
    },
    async unpauseContainer(id, signal) {
      const container = get(id);
      await begin({ name: 'unpauseContainer', subject: container.name }, signal);
      if (container.state !== 'paused') throw notRunning(container);
      container.state = 'running';
      changed(container, 'unpaused');
    },
    async removeContainer(id, { volumes: withVolumes = false }, signal) {
      const container = containers.get(id);
      await begin({ name: 'removeContainer', subject: container?.name ?? id }, signal);
      if (container === undefined) return;
      if (container.state === 'running' || container.state === 'paused' || container.state === 'restarting') {
        throw new TscomposeError(diagnose('engine.container-running', { name: container.name }));
      }
      containers.delete(id);
      for (const mount of withVolumes ? container.mounts : []) {
        if (mount.anonymous && usersOfVolume(mount.source).length === 0) volumes.delete(mount.source);
      }
      container.isRemoved = true;
      changed(container, 'removed');
    },
    async renameContainer(id, name, signal) {
      const container = get(id);
      await begin({ name: 'renameContainer', subject: container.name }, signal);
      if (container.name === name) return;
      checkNameFree(name);
      container.name = name;
      changed(container, 'state');
    },

    async awaitContainer(id, condition, signal) {
      const container = get(id);
      for await (const _ of feed.ticks(signal)) {
        const outcome = judge(container, condition);
        if (outcome !== undefined) return outcome;
      }
      throw new Error('unreachable: ticks end only by the signal');
    },

    async attach(id, { start }, streams, signal) {
      const container = get(id);
      const seen = container.logs.length;
      if (container.state !== 'running' && !start) throw notRunning(container);
      await engine.startContainer(id, signal);
      const leaving = new AbortController();
      const either = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
      streams.onSignal?.((name) => void engine.killContainer(id, name).catch(() => {}));
      return { ended: attached(container, { seen, streams, signal: either, leaving }), detach: () => leaving.abort() };
    },
    async exec(id, spec, streams, signal) {
      const container = get(id);
      await begin({ name: 'exec', subject: container.name }, signal);
      if (container.state !== 'running') throw notRunning(container);
      const { exitCode = 0, stdout = '', stderr = '' } = container.behaviour.exec?.(spec) ?? {};
      if (stdout !== '') streams.stdout.write(stdout);
      if (stderr !== '') streams.stderr.write(stderr);
      await Promise.all([streams.stdout, streams.stderr].map((stream) => new Promise<void>((resolve) => stream.end(resolve))));
      return { exitCode };
    },
    async openSync(id, _spec, signal) {
      const container = get(id);
      await begin({ name: 'openSync', subject: container.name }, signal);
      if (container.state !== 'running' && container.state !== 'paused') throw notRunning(container);
      return memorySync({
        isRunning: () => container.state === 'running' || container.state === 'paused',
        changes: feed,
        onSync: (request) => calls.push({ name: 'openSync', subject: `${container.name}:${request.target}` }),
        notRunning: () => notRunning(container),
      });
    },
    async *logs(id, query, signal) {
      const container = get(id);
      const wanted = (entry: LogEntry) =>
        Date.parse(entry.time) >= (query.sinceMs ?? 0) && Date.parse(entry.time) <= (query.untilMs ?? Number.MAX_SAFE_INTEGER);
      let position = query.tail === undefined ? 0 : Math.max(0, container.logs.length - query.tail);
      for await (const _ of feed.ticks(signal)) {
        for (; position < container.logs.length; position++) {
          const entry = container.logs[position];
          if (entry !== undefined && wanted(entry)) yield entry;
        }
        if (!query.follow || container.isRemoved || container.state === 'exited' || container.state === 'dead') return;
      }
    },
    watch: (project, signal) => feed.changes(project, signal),

    async runProvider(request, onMessage, signal) {
      await begin({ name: 'runProvider', subject: `${request.command} ${request.service}` }, signal);
      onMessage({ level: 'info', text: request.command });
      return request.command === 'up' ? (options.providers?.(request) ?? []) : [];
    },
    ...memoryStore({ images, containers, resources, begin }),
    inspectImage: async (reference) => images.find(reference),
    listImages: async () => images.all(),
    async importImage(request, signal) {
      const reference = request.reference ?? `import-${serial}`;
      await begin({ name: 'importImage', subject: reference }, signal);
      return images.put(reference, `import ${request.source}`);
    },
    async loadImages(path, onProgress, signal) {
      await begin({ name: 'loadImages', subject: path }, signal);
      const reference = path.replace(/^.*\//, '').replace(/\.tar.*$/, '');
      onProgress({ reference, doneBytes: 1, totalBytes: 1 });
      return [images.put(reference, `load ${path}`)];
    },
    async pullImage(reference, _options, onProgress, signal) {
      await begin({ name: 'pullImage', subject: reference }, signal);
      const image = images.pull(reference);
      onProgress({
        layer: image.layers[0] ?? 'layer',
        phase: 'downloading',
        doneBytes: image.sizeBytes,
        totalBytes: image.sizeBytes,
      });
      onProgress({ phase: 'done', doneBytes: image.sizeBytes, totalBytes: image.sizeBytes });
      return image;
    },
    async pushImage(reference, onProgress, signal) {
      await begin({ name: 'pushImage', subject: reference }, signal);
      const image = images.find(reference);
      if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
      onProgress({ layer: image.layers[0] ?? 'layer', phase: 'sent', doneBytes: image.sizeBytes, totalBytes: image.sizeBytes });
      return { reference, digest: image.digest, sizeBytes: 1000 };
    },
    async pinReference(reference, signal) {
      await begin({ name: 'pinReference', subject: reference }, signal);
      return `${reference}@sha256:${createHash('sha256').update(reference).digest('hex')}`;
    },

    async buildImage(request, onEvent) {
      await begin({ name: 'buildImage', subject: request.references[0] ?? request.name });
      const title = `FROM ${request.context}`;
      onEvent({ type: 'step', step: 1, title, state: 'started' });
      onEvent({ type: 'step', step: 1, title, state: 'done', elapsedMs: 0 });
      const revision = `built from ${JSON.stringify(request)}`;
      const [first = request.name, ...more] = request.references;
      images.put(first, revision);
      for (const reference of more) images.tag(first, reference);
      return images.find(first) ?? images.put(first, revision);
    },
    async listBuildCache() {
      return [];
    },
    async pruneBuildCache() {
      return { deleted: [], reclaimedBytes: 0 };
    },

    async tagImage(reference, target) {
      await begin({ name: 'tagImage', subject: target });
      images.tag(reference, target);
    },
    async removeImage(reference, { force = false }) {
      await begin({ name: 'removeImage', subject: reference });
      const image = images.find(reference);
      const users = [...containers.values()].filter((one) => one.image.id === image?.id);
      if (users.length > 0 && !force)
        throw new TscomposeError(diagnose('engine.image-in-use', { reference, containers: namesOf(users) }));
      return images.remove(reference);
    },
    async [Symbol.asyncDispose]() {
      for (const container of containers.values()) clearTimeout(container.timer);
    },
  };
  return engine;

  async function begin(call: Call, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    calls.push(call);
    const delay = options.delayMs?.(call) ?? 0;
    if (delay > 0) {
      await sleep(delay, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    }
    const failure = options.fail?.(call);
    if (failure !== undefined) throw failure;
  }

  function get(id: string): MemoryContainer {
    const container = containers.get(id);
    if (container === undefined) throw new TscomposeError(diagnose('engine.container-not-found', { id }));
    return container;
  }

  function running(id: string): ObservedContainer {
    const container = get(id);
    if (container.state !== 'running' && container.state !== 'paused') throw notRunning(container);
    return toObserved(container);
  }

  /** Shows what the process writes until it has ended or `leaving` says so. */
  async function attached(
    container: MemoryContainer,
    session: { seen: number; streams: ExecStreams; signal: AbortSignal; leaving: AbortController },
  ): Promise<{ readonly exitCode: number } | { readonly detached: true }> {
    let position = session.seen;
    try {
      for await (const _ of feed.ticks(session.signal)) {
        for (const { stream, text } of container.logs.slice(position)) session.streams[stream].write(`${text}\n`);
        position = container.logs.length;
        if (container.state === 'exited' || container.isRemoved) return { exitCode: container.exitCode ?? 0 };
      }
    } catch (error) {
      if (!session.leaving.signal.aborted) throw error;
    }
    return { detached: true };
  }

  function end(container: MemoryContainer, exitCode: number): void {
    container.state = 'exited';
    container.run++;
    container.exitCode = exitCode;
    container.finishedAt = now();
    container.health = undefined;
    clearTimeout(container.timer);
    changed(container, 'died');
  }

  /** Runs `effect` unless the container's process has been another one since. */
  function later(ms: number, container: MemoryContainer, effect: () => void): void {
    const { run } = container;
    const guarded = () => {
      if (container.run === run && !container.isRemoved) effect();
    };
    if (ms === 0) setImmediate(guarded);
    else container.timer = setTimeout(guarded, ms);
  }

  function changed(container: MemoryContainer, change: ContainerChange['change']): void {
    const action = journalActions[change];
    if (action !== undefined) journal.note(toObserved(container), eventOf(action, container));
    feed.publish({ container: toObserved(container), change });
  }

  function toObserved(container: MemoryContainer): ObservedContainer {
    return observedContainer(container, { networkIndex: (name) => networks.get(name)?.index ?? 0 });
  }

  function resources(): Pick<DiskUsage, 'volumes' | 'networks'> {
    const projectOf = ({ project }: { readonly project?: string }) => (project === undefined ? {} : { project });
    return {
      volumes: [...volumes.values()].map(({ spec, anonymous }) => {
        return { name: spec.name, ...projectOf(spec), anonymous, sizeBytes: 0, usedBy: namesOf(usersOfVolume(spec.name)) };
      }),
      networks: [...networks.values()].map(({ spec }) => {
        const users = [...containers.values()].filter((one) => one.spec.endpoints.some(({ network }) => network === spec.name));
        return { name: spec.name, ...projectOf(spec), usedBy: namesOf(users) };
      }),
    };
  }

  function anonymousVolumes(spec: ContainerSpec): { isAnonymous: (name: string) => boolean; makeAnonymous: () => string } {
    return {
      isAnonymous: (name) => volumes.get(name)?.anonymous ?? false,
      makeAnonymous: () => {
        const name = newId('volume');
        volumes.set(name, {
          spec: { name, project: spec.project, driver: 'local', driverOpts: {}, labels: {} },
          anonymous: true,
        });
        return name;
      },
    };
  }

  function usersOfVolume(name: string): readonly MemoryContainer[] {
    return [...containers.values()].filter((one) => one.mounts.some((mount) => mount.type === 'volume' && mount.source === name));
  }

  function checkNameFree(name: string): void {
    if ([...containers.values()].some((one) => one.name === name)) {
      throw new TscomposeError(diagnose('engine.name-taken', { kind: 'container', name }));
    }
  }

  function portHolder(container: MemoryContainer): { readonly port: number; readonly name: string } | undefined {
    const wanted = toObserved(container).ports;
    if (wanted.length === 0) return undefined;
    for (const other of containers.values()) {
      // Replicas of one service share a port.
      const isReplica = other.spec.project === container.spec.project && other.spec.serviceName === container.spec.serviceName;
      if (
        other === container ||
        (isReplica && !container.spec.oneOff && !other.spec.oneOff) ||
        (other.state !== 'running' && other.state !== 'paused')
      )
        continue;
      const port = toObserved(other).ports.find((one) => wanted.some((mine) => clash(mine, one)))?.hostPort;
      if (port !== undefined) return { port, name: other.name };
    }
    return undefined;
  }

  function heldPorts({
    project,
    ports,
  }: {
    readonly project: string;
    readonly ports: Parameters<Engine['observe']>[0]['ports'];
  }): readonly PortHolder[] {
    const foreign = [...containers.values()].filter(
      (one) => one.spec.project !== project && (one.state === 'running' || one.state === 'paused'),
    );
    return ports.flatMap((wanted): readonly PortHolder[] => {
      const known = (options.heldPorts ?? []).filter((held) => held.port === wanted.port && held.protocol === wanted.protocol);
      const others = foreign.filter((one) =>
        toObserved(one).ports.some((port) => port.hostPort === wanted.port && port.protocol === wanted.protocol),
      );
      return [
        ...known,
        ...others.map((one) => ({ ...wanted, holderProject: one.spec.project, holderService: one.spec.serviceName })),
      ];
    });
  }

  /** Looks like an engine's id, and is the same in every run of a test. */
  function newId(kind: string): string {
    return createHash('sha256').update(`${kind} ${++serial}`).digest('hex');
  }

  function now(): string {
    clock += 1000;
    return new Date(clock).toISOString();
  }
}

const journalActions: Readonly<Record<ContainerChange['change'], ContainerAction | undefined>> = {
  created: 'create',
  started: 'start',
  died: 'die',
  restarting: undefined,
  health: 'health_status',
  paused: 'pause',
  unpaused: 'unpause',
  removed: 'destroy',
  state: undefined,
};

function eventOf(action: ContainerAction, container: MemoryContainer): { action: ContainerAction } & Partial<ContainerEvent> {
  if (action === 'die') return { action, exitCode: container.exitCode ?? 0 };
  return action === 'health_status' && container.health !== undefined && container.health !== 'starting'
    ? { action, health: container.health }
    : { action };
}

function clash(a: PublishedPort, b: PublishedPort): boolean {
  const sameAddress = a.hostIp === b.hostIp || a.hostIp === '0.0.0.0' || b.hostIp === '0.0.0.0';
  return a.hostPort !== undefined && a.hostPort === b.hostPort && a.protocol === b.protocol && sameAddress;
}

function startFailed({ name }: MemoryContainer, reason: string): TscomposeError {
  return new TscomposeError(diagnose('engine.start-failed', { name, reason }));
}

function notRunning({ name }: MemoryContainer): TscomposeError {
  return new TscomposeError(diagnose('engine.container-not-running', { name }));
}

function namesOf(containers: readonly MemoryContainer[]): readonly string[] {
  return containers.map((one) => one.name).sort();
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

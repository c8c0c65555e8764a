import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { SyncSession, SyncSpec } from '#core/engine/sync.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '#core/watch/catalogue.ts';
import type { WatchEvent } from '#core/watch/event.ts';
import { type Ledger, ledger } from '#core/watch/ledger.ts';
import { failureDiagnostics, type Outcome, outcomeOf } from '#core/watch/outcome.ts';
import { ignoreSets } from '#core/watch/root.ts';
import type { WatchRule } from '#core/watch/rule.ts';
import type { SyncOperation } from '#core/watch/work.ts';
import type { WatchServices } from './watch-services.ts';

/** The containers of one service as places to copy to. Calls do not overlap. */
export interface SyncTargets {
  readonly ledger: Ledger;
  /** Looks which containers run and gives new ones all that the others have. */
  refresh(): Promise<void>;
  /** Copies to all containers; resolves with the rules of which something differed in one of them. */
  copy(operations: readonly SyncOperation[], cause: 'changes' | 'initial'): Promise<ReadonlySet<WatchRule>>;
  /** Tries again what failed; resolves false when nothing is left. */
  retry(): Promise<boolean>;
  hasFailures(): boolean;
  close(): Promise<void>;
}

interface Target {
  readonly container: ObservedContainer;
  readonly session: SyncSession;
  /** By path in the container. */
  readonly failed: Map<string, SyncOperation>;
  isOver: boolean;
}

export function syncTargets(
  services: Pick<WatchServices, 'engine' | 'project' | 'ledgers' | 'emit' | 'now' | 'ignoreFile' | 'signal'>,
  request: { readonly service: string; readonly rules: readonly WatchRule[]; readonly onEnd: () => void },
): SyncTargets {
  const { engine, emit, now } = services;
  const { service, rules } = request;
  const targets = new Map<string, Target>();
  const book = services.ledgers.get(service) ?? ledger();
  const spec: SyncSpec = {
    rules: rules.map((rule) => ({
      path: rule.path,
      ignore: ignoreSets(rule, services.ignoreFile),
      isPartial: rule.include.length > 0,
    })),
  };

  const open = async (container: ObservedContainer): Promise<Target | undefined> => {
    const session = await openSession(engine, { id: container.id, spec, signal: services.signal });
    if (session === undefined) return undefined;
    const target: Target = { container, session, failed: new Map(), isOver: false };
    targets.set(container.id, target);
    void session.ended.then(() => {
      target.isOver = true;
      if (targets.get(container.id) === target) targets.delete(container.id);
      request.onEnd();
    });
    return target;
  };

  const copyTo = async (target: Target, operations: readonly SyncOperation[]): Promise<Outcome> => {
    const requests = operations.map(({ rule, source, target: path, isRoot }) => ({
      source,
      target: path,
      rule: rules.indexOf(rule),
      isRoot,
    }));
    const results = await target.session.sync(requests).catch((error: unknown) => {
      // Whatever is missing is given to it when it runs again.
      if (hasCode(error, 'engine.container-not-running')) return [];
      throw error;
    });
    const outcome = outcomeOf(operations, results);
    noteFailures(target, { operations, outcome, emit });
    return outcome;
  };

  const copyToAll = async (list: readonly (readonly [Target, readonly SyncOperation[]])[]): Promise<readonly Outcome[]> => {
    const startedMs = now();
    const outcomes = await Promise.all(list.map(([target, operations]) => copyTo(target, operations)));
    emit(finished({ service, outcomes, elapsedMs: now() - startedMs }));
    return outcomes;
  };

  return {
    ledger: book,
    async refresh() {
      if (rules.length === 0) return;
      const all = await engine.listContainers({ project: services.project().name });
      const running = all.filter((one) => one.service === service && !one.oneOff && isRunning(one));
      for (const container of running) {
        const known = targets.get(container.id);
        if (known !== undefined && !known.isOver) continue;
        const target = await open(container);
        const owed = book.all();
        if (target === undefined || owed.length === 0) continue;
        emit({ type: 'sync-started', service, changes: owed.length, cause: 'container' });
        await copyToAll([[target, owed]]);
      }
    },
    async copy(operations, cause) {
      book.note(operations);
      if (operations.length === 0) return new Set();
      emit({ type: 'sync-started', service, changes: operations.length, cause });
      const outcomes = await copyToAll([...targets.values()].map((target) => [target, operations] as const));
      return new Set(outcomes.flatMap((one) => [...one.changedRules]));
    },
    async retry() {
      const failing = [...targets.values()].filter((target) => target.failed.size > 0);
      if (failing.length > 0) await copyToAll(failing.map((target) => [target, [...target.failed.values()]] as const));
      return this.hasFailures();
    },
    hasFailures: () => [...targets.values()].some((target) => target.failed.size > 0),
    async close() {
      await Promise.all([...targets.values()].map((target) => target.session[Symbol.asyncDispose]()));
    },
  };
}

/** Undefined when the container has ended meanwhile. */
async function openSession(
  engine: Engine,
  request: { id: string; spec: SyncSpec; signal: AbortSignal },
): Promise<SyncSession | undefined> {
  try {
    return await engine.openSync(request.id, request.spec, request.signal);
  } catch (error) {
    if (hasCode(error, 'engine.container-not-running') || hasCode(error, 'engine.container-not-found')) return undefined;
    throw error;
  }
}

/** Tells of failures once, not at each further attempt. */
function noteFailures(
  target: Target,
  { operations, outcome, emit }: { operations: readonly SyncOperation[]; outcome: Outcome; emit: WatchServices['emit'] },
): void {
  const isNew = outcome.failed.filter(({ operation }) => !target.failed.has(operation.target));
  for (const operation of operations) target.failed.delete(operation.target);
  for (const { operation } of outcome.failed) target.failed.set(operation.target, operation);
  for (const diagnostic of failureDiagnostics(target.container.name, isNew)) emit({ type: 'problem', diagnostic });
  for (const { source } of outcome.unsupported)
    emit({ type: 'problem', diagnostic: diagnose('watch.not-a-file', { path: source }) });
}

function finished(sum: { service: string; outcomes: readonly Outcome[]; elapsedMs: number }): WatchEvent {
  const { service, outcomes, elapsedMs } = sum;
  return {
    type: 'sync-finished',
    service,
    containers: outcomes.length,
    written: Math.max(0, ...outcomes.map((one) => one.written)),
    removed: Math.max(0, ...outcomes.map((one) => one.removed)),
    bytes: outcomes.reduce((total, one) => total + one.bytes, 0),
    elapsedMs,
  };
}

function isRunning({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'paused';
}

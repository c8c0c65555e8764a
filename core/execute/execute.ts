import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasCode, TscomposeError } from '../diagnostics/error.ts';
import type { Engine } from '../engine/engine.ts';
import type { ProviderVariable } from '../engine/provider.ts';
import type { Emit } from '../events/event.ts';
import type { Project } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from '../plan/catalogue.ts';
import type { Action, Plan } from '../plan/plan.ts';
import type { ConfigHashes, StartContainer } from './context.ts';
import { perform } from './perform.ts';
import { emptyResults, findDonors } from './results.ts';
import { type Fate, schedule } from './schedule.ts';

export interface ExecuteRequest {
  readonly plan: Plan;
  readonly project: Project;
  /** The reading that the plan was made from. */
  readonly observed: Observed;
  readonly engine: Engine;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
  /** Creates, starts, removals and pulls at once; stops, waits and hooks mostly wait and are not limited. */
  readonly concurrency?: number;
  readonly hashes?: ConfigHashes;
  /** Starts containers in place of the engine's own call, where the caller connects its terminal to one of them. */
  readonly start?: StartContainer;
}

export interface Execution {
  /** `interrupted`: the signal was aborted before everything was done. */
  readonly outcome: 'done' | 'failed' | 'interrupted';
  /** Errors of failed actions, in order of their ids. */
  readonly diagnostics: readonly Diagnostic[];
  readonly fates: ReadonlyMap<number, Fate>;
  /** Engine ids of the containers that were made, by action id. */
  readonly containers: ReadonlyMap<number, string>;
  /** What providers set, by service. */
  readonly variables: ReadonlyMap<string, readonly ProviderVariable[]>;
}

/**
 * Carries a plan out and decides nothing. Actions start as soon as those before them have finished. The first failure stops new
 * starts and all waiting; what runs may finish. An aborted signal also reaches the running calls. Nothing is rolled back: the next
 * command observes and goes on. Rejects only with a programmer's error.
 */
export async function execute(request: ExecuteRequest): Promise<Execution> {
  const { plan, project, observed, engine, emit, signal = new AbortController().signal, concurrency = 8, hashes = {} } = request;
  const results = emptyResults();
  const start: StartContainer = request.start ?? ((_action, id, signal) => engine.startContainer(id, signal));
  const donorOf = findDonors({ plan, observed, results });
  const context = { engine, project, observed, hashes, results, emit, start, donorOf };
  const startedAt = new Map<Action, number>();
  const errors = new Map<number, readonly Diagnostic[]>();
  const bugs: unknown[] = [];

  const fates = await schedule(plan.actions, {
    concurrency,
    signal,
    run: (action, signal) => {
      startedAt.set(action, performance.now());
      emit({ type: 'action-started', action });
      return perform(action, context, signal);
    },
    tolerate: (action, error) => {
      const diagnostic = toleratedAs(action, error);
      if (diagnostic !== undefined) emit({ type: 'action-skipped', action, diagnostic });
      return diagnostic !== undefined;
    },
    onDone: (action) => emit({ type: 'action-finished', action, elapsedMs: performance.now() - (startedAt.get(action) ?? 0) }),
    onCancelled: (action) => emit({ type: 'action-cancelled', action }),
    onFailed: (action, error) => {
      if (!(error instanceof TscomposeError)) bugs.push(error);
      const diagnostics = error instanceof TscomposeError ? error.diagnostics : [];
      errors.set(action.id, diagnostics);
      emit({ type: 'action-failed', action, diagnostics });
    },
  });
  if (bugs.length > 0) throw bugs[0];
  const diagnostics = [...errors].sort(([a], [b]) => a - b).flatMap(([, list]) => list);
  const isDone = [...fates.values()].every((fate) => fate === 'done' || fate === 'skipped');
  return {
    outcome: errors.size > 0 ? 'failed' : isDone ? 'done' : 'interrupted',
    diagnostics,
    fates,
    containers: results.containers,
    variables: results.variables,
  };
}

/** The warning that a failure is turned into, where the plan or Docker Compose's ways allow it. */
function toleratedAs(action: Action, error: unknown): Diagnostic | undefined {
  if (!(error instanceof TscomposeError)) return undefined;
  if (action.kind === 'container.await' && !action.required) {
    return diagnose('plan.optional-skipped', { service: action.service, cause: error.message });
  }
  // At `down` somebody else may have begun to use it since it was observed: then it stays.
  const isLeftAlone = action.reason.kind === 'requested' || action.reason.kind === 'unused';
  const inUse = ['engine.network-in-use', 'engine.volume-in-use', 'engine.image-in-use'].some((code) => hasCode(error, code));
  const [first] = error.diagnostics;
  return isLeftAlone && inUse && first !== undefined ? { ...first, severity: 'warning' } : undefined;
}

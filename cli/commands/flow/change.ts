import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events/event.ts';
import type { StartContainer } from '#core/execute/context.ts';
import { type Execution, execute } from '#core/execute/execute.ts';
import { configHash, networkHash, volumeHash } from '#core/load/render/config-hash.ts';
import type { Project } from '#core/model/project.ts';
import { withProviderVariables } from '#core/model/provider-variables.ts';
import type { Observed } from '#core/observe/observed.ts';
import { observeQuery } from '#core/observe/query.ts';
import { diagnose as diagnosePlan } from '#core/plan/catalogue.ts';
import type { Plan, Planned } from '#core/plan/plan.ts';
import { planText } from '#core/plan/text.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { CommandContext } from '../../context.ts';
import { InterruptedError } from '../../interrupts.ts';
import { openView } from '../../views/open-view.ts';
import type { View } from '../../views/view.ts';
import { collectDecisions } from './decisions.ts';
import type { NamedModel } from './model.ts';

/** For the labels that Docker Compose and tools around it look at. */
const hashes = { service: configHash, network: networkHash, volume: volumeHash };

/** Operations that start nothing: what runs can be ended also where the runtime that started it has been uninstalled. */
const endings: ReadonlySet<string> = new Set(['stop', 'kill', 'down', 'remove', 'pause', 'unpause']);

export interface ChangeRequest extends NamedModel {
  /** Word for the header of the live view. */
  readonly operation: string;
  /** Pure: called with what the engine holds, perhaps twice. */
  readonly plan: (project: Project, observed: Observed) => Planned | Promise<Planned>;
  /** A plan that is executed first, after which the engine is read again; undefined or without actions: nothing. Not in a dry run. */
  readonly prepare?: (project: Project, observed: Observed) => Planned | undefined;
  /** Shown with everything else that happens; absent: one of its own. */
  readonly view?: View;
  /** Sees each event before the view does. */
  readonly onEvent?: (event: Event) => void;
  /** Events that the view does not get. */
  readonly hides?: (event: Event) => boolean;
  /** Between planning and executing: may ask the user. Resolves false to change nothing. */
  readonly confirm?: (planned: Planned, observed: Observed) => Promise<boolean>;
  /** Starts containers in place of the engine's own call. */
  readonly start?: StartContainer;
  /** Replaces the signal of the run. */
  readonly signal?: AbortSignal;
}

export interface Changed {
  readonly plan: Plan;
  /** As loaded, or as the containers tell it. */
  readonly project: Project;
  readonly observed: Observed;
  /** False for a dry run and when not confirmed. */
  readonly wasExecuted: boolean;
}

/**
 * The way of every command that changes something: lock, observe, plan, perhaps ask, execute with a view. Warnings of the
 * plan are printed; its errors are thrown before anything is touched. Rejects with what failed in execution.
 */
export async function change(context: CommandContext, request: ChangeRequest): Promise<Changed> {
  const { output, settings, interrupts } = context;
  const signal = request.signal ?? interrupts.signal;
  const engine = await context.engine();
  // What the machine lacks is said now, not half-way.
  if (!settings.dryRun && !endings.has(request.operation)) report(context, await engine.checkHost());
  await using _lock = await lock(context, { engine, project: request.name, signal });
  const { project, observed } = await prepared(context, { request, engine, signal });
  const planned = await request.plan(project, observed);
  report(context, planned.diagnostics);
  const { plan } = planned;
  const changed = { plan, project, observed };
  if (settings.dryRun) {
    output.result(planText(plan));
    return { ...changed, wasExecuted: false };
  }
  if (request.confirm !== undefined && !(await request.confirm(planned, observed))) return { ...changed, wasExecuted: false };
  await executeWithView(context, { ...request, engine, ...changed, signal });
  return { ...changed, wasExecuted: true };
}

async function prepared(
  context: CommandContext,
  { request, engine, signal }: { request: ChangeRequest; engine: Engine; signal: AbortSignal },
): Promise<{ project: Project; observed: Observed }> {
  const before = await observeModel(engine, request, signal);
  const first = context.settings.dryRun ? undefined : request.prepare?.(before.project, before.observed);
  if (first === undefined || first.plan.actions.length === 0) return before;
  report(context, first.diagnostics);
  const { variables } = await executeWithView(context, { ...request, ...before, plan: first.plan, engine, signal });
  const { project, overridden } = withProviderVariables(before.project, variables);
  report(
    context,
    overridden.map((one) => diagnosePlan('plan.provider-overrides', { ...one })),
  );
  return observeModel(engine, { ...request, project }, signal);
}

/** Reads the engine for a project, or for one that is known by name only and is then told by its containers. */
export async function observeModel(
  engine: Engine,
  model: NamedModel,
  signal?: AbortSignal,
): Promise<{ project: Project; observed: Observed }> {
  if (model.project !== undefined) {
    return { project: model.project, observed: await engine.observe(observeQuery(model.project), signal) };
  }
  const nothing = { images: [], networks: [], volumes: [], ports: [], files: [] };
  const observed = await engine.observe({ project: model.name, ...nothing }, signal);
  const { projectFromContainers } = await import('#core/observe/project-from-labels.ts');
  return { project: projectFromContainers(model.name, observed), observed };
}

/** Takes the project's lock and says whom it waits for, unless that is another part of this command. */
export function lock(
  context: CommandContext,
  request: { engine: Engine; project: string; signal: AbortSignal },
): Promise<AsyncDisposable> {
  return request.engine.lockProject(
    request.project,
    (holder) => {
      if (holder.pid === process.pid) return;
      context.output.diagnostic(diagnose('cli.waiting-for-lock', { project: request.project, ...holder }));
    },
    request.signal,
  );
}

/** Prints warnings; throws the errors together. */
export function report(context: CommandContext, diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter((one) => one.severity === 'error');
  for (const one of diagnostics) if (one.severity !== 'error') context.output.diagnostic(one);
  if (errors.length > 0) throw new TscomposeError(errors);
}

async function executeWithView(
  context: CommandContext,
  run: Pick<ChangeRequest, 'operation' | 'view' | 'onEvent' | 'hides' | 'start'> &
    Changing & { readonly engine: Engine; readonly signal: AbortSignal },
): Promise<Execution> {
  const view = run.view ?? viewFor(context, run.operation);
  const decisions = collectDecisions(run.plan.operation, context.host.now);
  const emit = (event: Event): void => {
    if (event.type === 'notice') context.output.diagnostic(event.diagnostic);
    decisions.see(event);
    run.onEvent?.(event);
    if (run.hides?.(event) !== true) view.emit(event);
  };
  const release = context.output.within((write) => view.interleave(write));
  let execution: Execution;
  try {
    emit({ type: 'plan-ready', plan: run.plan });
    const { parallel } = context.settings;
    execution = await execute({ ...run, emit, hashes, ...(parallel === undefined ? {} : { concurrency: parallel }) });
  } finally {
    release();
    if (run.view === undefined) view.close();
    await run.engine.recordDecisions(run.plan.project, decisions.all);
  }
  if (execution.outcome === 'failed') throw new TscomposeError(execution.diagnostics);
  if (execution.outcome === 'interrupted') throw new InterruptedError();
  return execution;
}

interface Changing {
  readonly plan: Plan;
  readonly project: Project;
  readonly observed: Observed;
}

/** The view of this run's progress mode. */
export function viewFor(context: CommandContext, operation: string, options: { readonly withoutStarts?: boolean } = {}): View {
  const { host, settings } = context;
  const stream = settings.progressOnStdout
    ? { stderr: host.stdout, colour: settings.colourOut }
    : { stderr: host.stderr, colour: settings.colourError };
  return openView(settings.progress, { ...stream, now: host.now, operation, ...options });
}

import type { Writable } from 'node:stream';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { hookExec } from '#core/execute/hook-exec.ts';
import { wholeLines } from '#core/execute/whole-lines.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { planRestart } from '#core/plan/start-services.ts';
import { diagnose } from '#core/watch/catalogue.ts';
import type { WatchRule } from '#core/watch/rule.ts';
import type { Work } from '#core/watch/work.ts';
import { quietView } from '../../../views/quiet/quiet-view.ts';
import { change, viewFor } from '../change.ts';
import type { SyncTargets } from './sync-targets.ts';
import type { WatchServices } from './watch-services.ts';

export type ManualAction = 'restart' | 'rebuild';

interface Place {
  readonly service: string;
  readonly targets: SyncTargets;
}

/** Carries a batch's work out in order: rebuild, copy, restart, commands. What fails is told, and the watch goes on. */
export async function carryOut(services: WatchServices, request: Place & { readonly work: Work }): Promise<void> {
  const { targets, work } = request;
  if (work.rebuild) {
    // What is copied need not be in the image too: the new containers are given what differs.
    await runAction(services, { ...request, action: 'rebuild' });
    await targets.refresh();
  }
  const changed = await targets.copy(work.operations, work.isInitial ? 'initial' : 'changes');
  if (services.signal.aborted) return;
  if (work.restart || [...work.restartsAfterSync].some((rule) => changed.has(rule)))
    await runAction(services, { ...request, action: 'restart' });
  for (const rule of work.execsAfterSync) if (changed.has(rule)) await execEverywhere(services, rule);
}

/** Runs an action besides copying and tells of it; resolves false when it failed. */
export async function runAction(
  services: WatchServices,
  { service, targets, action }: Place & { readonly action: ManualAction },
): Promise<boolean> {
  const { emit, now } = services;
  const startedMs = now();
  emit({ type: 'action-started', action, service });
  try {
    if (action === 'rebuild') {
      await services.rebuild(service);
      targets.ledger.forgetGone();
    } else await restart(services, service);
  } catch (error) {
    if (services.signal.aborted) return false;
    if (!(error instanceof TscomposeError)) throw error;
    emit({ type: 'action-failed', action, service, diagnostics: error.diagnostics });
    return false;
  }
  emit({ type: 'action-finished', action, service, elapsedMs: now() - startedMs });
  return true;
}

async function restart({ context, project: current, signal }: WatchServices, service: string): Promise<void> {
  const project = current();
  await change(context, {
    name: project.name,
    project,
    operation: 'restart',
    view: context.settings.progress === 'json' ? viewFor(context, 'restart') : quietView(),
    signal,
    plan: (model, observed) => planRestart(model, observed, { services: [service] }),
  });
}

/** The command of a `sync+exec` rule, in each running container of the service, one after the other. */
async function execEverywhere(services: WatchServices, rule: WatchRule): Promise<void> {
  const containers = await services.engine.listContainers({ project: services.project().name });
  for (const container of containers) {
    if (container.service === rule.service && !container.oneOff && container.state === 'running')
      await execIn(services, { rule, container });
  }
}

async function execIn(
  { engine, emit, now, signal }: WatchServices,
  { rule, container }: { readonly rule: WatchRule; readonly container: ObservedContainer },
): Promise<void> {
  const { exec } = rule;
  if (exec === undefined) return;
  const told = { service: rule.service, container: container.name, command: (exec.command ?? []).join(' ') };
  const startedMs = now();
  emit({ type: 'exec-started', ...told });
  const output = (stream: 'stdout' | 'stderr'): Writable =>
    wholeLines((text) => emit({ type: 'exec-output', container: container.name, stream, text }));
  try {
    const { exitCode } = await engine.exec(
      container.id,
      hookExec(exec),
      { stdout: output('stdout'), stderr: output('stderr') },
      signal,
    );
    emit({ type: 'exec-finished', ...told, exitCode, elapsedMs: now() - startedMs });
    if (exitCode !== 0) emit({ type: 'problem', diagnostic: diagnose('watch.exec-failed', { ...told, status: exitCode }) });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof TscomposeError)) throw error;
    for (const diagnostic of error.diagnostics) emit({ type: 'problem', diagnostic: { ...diagnostic, severity: 'warning' } });
  }
}

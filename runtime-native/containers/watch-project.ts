import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerChange } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import type { EngineContext } from '../engine-context.ts';
import { watchDirectories } from '../supervisor-client/file-changes.ts';
import { observeContainers } from './observe-container.ts';

/** Changes arrive through file watches; this bounds how long a killed supervisor goes unnoticed. */
const recheckMs = 1000;

/** State changes of a project's containers from now on; ends when the signal aborts. */
export async function* watchProject(
  context: EngineContext,
  project: string,
  signal: AbortSignal,
): AsyncGenerator<ContainerChange> {
  // On a new machine there is nothing to watch yet.
  for (const parent of parents(context)) mkdirSync(parent, { recursive: true, mode: 0o700 });
  let known = snapshot(context, project);
  while (!signal.aborted) {
    using changes = watchDirectories(watched(context, known), signal);
    for (;;) {
      const now = snapshot(context, project);
      const found = compare(known, now);
      // A container that came, went, started or ended has other directories to watch.
      const isStale = found.some((one) => one.change !== 'health' && one.change !== 'state');
      known = now;
      yield* found;
      if (signal.aborted) return;
      if (isStale) break;
      await changes.next(recheckMs);
      if (signal.aborted) return;
    }
  }
}

/** Directories in which containers appear. */
function parents({ paths }: EngineContext): readonly string[] {
  return [join(paths.root, 'containers'), join(paths.run, 'containers')];
}

type Snapshot = ReadonlyMap<string, ObservedContainer>;

function snapshot(context: EngineContext, project: string): Snapshot {
  return new Map(observeContainers(context, project).map((one) => [one.id, one]));
}

function watched(context: EngineContext, known: Snapshot): readonly string[] {
  const { paths } = context;
  return [...parents(context), ...[...known.keys()].flatMap((id) => [paths.containerRun(id), paths.containerState(id)])];
}

/** What happened between two readings, oldest first; a restart within one reading is a death and a start. */
function compare(before: Snapshot, now: Snapshot): readonly ContainerChange[] {
  const changes: ContainerChange[] = [];
  for (const [id, container] of before) {
    if (!now.has(id)) changes.push({ container, change: 'removed' });
  }
  for (const [id, container] of now) {
    const old = before.get(id);
    const push = (change: ContainerChange['change']) => void changes.push({ container, change });
    if (old === undefined) push('created');
    const hasDied = container.finishedAt !== undefined && container.finishedAt !== old?.finishedAt;
    const hasStarted = container.startedAt !== undefined && container.startedAt !== old?.startedAt;
    const hasRun = container.state === 'exited' || container.state === 'dead' || container.state === 'restarting';
    if (hasStarted && hasRun) push('started');
    if (hasDied) push('died');
    else if (container.state === 'dead' && old?.state !== 'dead') push('died');
    if (container.state === 'restarting' && old?.state !== 'restarting') push('restarting');
    if (hasStarted && !hasRun) push('started');
    if (container.state === 'paused' && old?.state === 'running') push('paused');
    if (container.state === 'running' && old?.state === 'paused' && !hasStarted) push('unpaused');
    if (container.health !== undefined && container.health !== old?.health) push('health');
    if (old !== undefined && old.name !== container.name) push('state');
  }
  return changes;
}

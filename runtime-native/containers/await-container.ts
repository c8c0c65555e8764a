import { join } from 'node:path';
import type { AwaitCondition, AwaitOutcome } from '#core/engine/engine.ts';
import { effectiveHealth } from '../bundle/health.ts';
import type { EngineContext } from '../engine-context.ts';
import { watchDirectories } from '../supervisor-client/file-changes.ts';
import { containerStatus, killedExitCode } from './alive.ts';
import { type ContainerRow, findContainer } from './container-rows.ts';

/** Bounds how long a killed supervisor goes unnoticed; changes themselves arrive through the watch. */
const recheckMs = 500;

/** Waits until a container satisfies `condition` or can no longer do so. */
export async function awaitContainer(
  context: EngineContext,
  id: string,
  { condition, signal }: { readonly condition: AwaitCondition; readonly signal?: AbortSignal | undefined },
): Promise<AwaitOutcome> {
  const { paths } = context;
  for (;;) {
    signal?.throwIfAborted();
    // A run directory that appears later is seen in its parent.
    using changes = watchDirectories([paths.containerRun(id), paths.containerState(id), join(paths.run, 'containers')], signal);
    for (let wasThere = isThere(context, id); wasThere === isThere(context, id); ) {
      const row = findContainer(context.database, id);
      const outcome = row === undefined ? ({ outcome: 'removed' } as const) : judge(context, row, condition);
      if (outcome !== undefined) return outcome;
      await changes.next(recheckMs);
      signal?.throwIfAborted();
      wasThere = wasThere && isThere(context, id);
    }
  }
}

/** Watches are on directories of the moment: when the container starts or ends they must be renewed. */
function isThere(context: EngineContext, id: string): boolean {
  return containerStatus(context, id).kind === 'live';
}

/** The outcome now; undefined: not yet decided. */
function judge(context: EngineContext, row: ContainerRow, condition: AwaitCondition): AwaitOutcome | undefined {
  const current = containerStatus(context, row.id);
  if (current.kind === 'none' && row.desired === 'stopped') return undefined;
  if (current.kind !== 'live') {
    const exitCode = current.kind === 'ended' ? current.status.exitCode : killedExitCode;
    // Wanted running without a status: being started now, unless the host was restarted; the time-out of the caller decides.
    if (current.kind === 'none') return undefined;
    return condition === 'exited' ? { outcome: 'satisfied', exitCode } : { outcome: 'exited', exitCode };
  }
  const { status } = current;
  const isUp = status.state === 'running' || status.state === 'paused' || status.state === 'stopping';
  switch (condition) {
    case 'exited':
      return undefined;
    case 'running':
      return isUp ? { outcome: 'satisfied' } : undefined;
    case 'healthy':
    case 'running_or_healthy': {
      const { spec, image } = row.stored;
      if (effectiveHealth(spec.service.healthcheck, image.config) === undefined) {
        if (condition === 'healthy') return { outcome: 'no-healthcheck' };
        return isUp ? { outcome: 'satisfied' } : undefined;
      }
      if (status.health?.status === 'healthy') return { outcome: 'satisfied' };
      if (status.health?.status !== 'unhealthy') return undefined;
      return { outcome: 'unhealthy', output: status.health.log.findLast((one) => one.exitCode !== 0)?.output ?? '' };
    }
  }
}

import { TscomposeError } from '../diagnostics/error.ts';
import type { AwaitOutcome, Engine } from '../engine/engine.ts';
import { diagnose } from '../plan/catalogue.ts';
import type { ActionOf } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';

/** Waits as a `container.await` says; rejects with `plan.dependency-…`, `plan.did-not-complete` or `plan.await-timeout`. */
export async function awaitCondition(
  action: ActionOf<'container.await'>,
  { engine, id }: { engine: Engine; id: string },
  signal: AbortSignal,
): Promise<void> {
  const outcome = await withTimeout(action, signal, (limited) => engine.awaitContainer(id, action.condition, limited));
  checkOutcome(action, outcome);
}

/** Rejects as `awaitCondition` does when a wait did not come to what the action wants. */
export function checkOutcome(action: ActionOf<'container.await'>, outcome: AwaitOutcome): void {
  const container = action.name;
  switch (outcome.outcome) {
    case 'satisfied': {
      const { exitCode = 0 } = outcome;
      if (action.expectExitCode === undefined || exitCode === action.expectExitCode) return;
      throw new TscomposeError(diagnose('plan.did-not-complete', { service: action.service, exitCode }));
    }
    case 'exited':
      throw new TscomposeError(diagnose('plan.dependency-exited', { container, exitCode: outcome.exitCode }));
    case 'unhealthy':
      throw new TscomposeError(diagnose('plan.dependency-unhealthy', { container, output: outcome.output.trim() }));
    case 'no-healthcheck':
      throw new TscomposeError(diagnose('plan.dependency-without-healthcheck', { container }));
    case 'removed':
      throw new TscomposeError(diagnose('plan.dependency-removed', { container }));
    default:
      unreachable(outcome);
  }
}

async function withTimeout<T>(
  { name, timeoutMs }: ActionOf<'container.await'>,
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return wait(signal);
  const expired = new AbortController();
  // Not AbortSignal.timeout: its timer does not keep the process alive.
  const timer = setTimeout(() => expired.abort(), timeoutMs);
  try {
    return await wait(AbortSignal.any([signal, expired.signal]));
  } catch (error) {
    if (expired.signal.aborted && !signal.aborted) {
      throw new TscomposeError(diagnose('plan.await-timeout', { container: name, timeoutMs }), { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

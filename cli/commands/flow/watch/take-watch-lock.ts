import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import { diagnose } from '#core/watch/catalogue.ts';

/** A project is watched by one command at a time: rejects with `watch.already-running` instead of waiting. */
export async function takeWatchLock(engine: Engine, project: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const refusal = new AbortController();
  // Names of projects have no dot: this lock is not the project's own, which is held while something is changed.
  return engine.lockProject(
    `${project}.watch`,
    (holder) => refusal.abort(new TscomposeError(diagnose('watch.already-running', { project, ...holder }))),
    AbortSignal.any([signal, refusal.signal]),
  );
}

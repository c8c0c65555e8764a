import { hasCode, TscomposeError } from '../diagnostics/error.ts';
import type { Engine } from '../engine/engine.ts';
import type { Emit } from '../events/event.ts';
import type { Project } from '../model/project.ts';
import { diagnose } from '../plan/catalogue.ts';
import type { ActionOf } from '../plan/plan.ts';
import { hookExec } from './hook-exec.ts';
import { wholeLines } from './whole-lines.ts';

/** Runs a lifecycle hook in its container; its output becomes `log-line` events. Rejects with `plan.hook-failed` on any status but 0. */
export async function runHook(
  action: ActionOf<'container.hook'>,
  { engine, project, id, emit }: { engine: Engine; project: Project; id: string; emit: Emit },
  signal: AbortSignal,
): Promise<void> {
  const hook = project.services[action.service]?.[action.hook]?.[action.index];
  if (hook === undefined) throw new Error(`service "${action.service}" has no ${action.hook}[${action.index}]`);
  const tails = { stdout: [] as string[], stderr: [] as string[] };
  const relay = (stream: 'stdout' | 'stderr') =>
    wholeLines((text) => {
      tails[stream] = [...tails[stream], text].slice(-10);
      emit({ type: 'log-line', container: action.name, service: action.service, stream, time: new Date().toISOString(), text });
    });
  const streams = { stdout: relay('stdout'), stderr: relay('stderr') };
  const { exitCode } = await engine.exec(id, hookExec(hook), streams, signal).catch((error: unknown) => {
    throw hasCode(error, 'engine.exec-failed') ? withHook(error, action) : error;
  });
  if (exitCode === 0) return;
  const output = (tails.stderr.length > 0 ? tails.stderr : tails.stdout).join('\n').slice(-2048);
  throw new TscomposeError(diagnose('plan.hook-failed', { service: action.service, hook: action.hook, exitCode, output }));
}

/** Whose hook it was that did not even start: most often its container had ended already. */
function withHook(error: TscomposeError, { service, hook, index }: ActionOf<'container.hook'>): TscomposeError {
  const hint = `it was to run ${hook}[${index}] of service ${service}`;
  return new TscomposeError(
    error.diagnostics.map((one) => ({ ...one, hint })),
    { cause: error },
  );
}

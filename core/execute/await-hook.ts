import { TscomposeError } from '../diagnostics/error.ts';
import type { Engine } from '../engine/engine.ts';
import { logLines } from '../engine/log-lines.ts';
import type { Emit } from '../events/event.ts';
import { diagnose } from '../plan/catalogue.ts';
import type { ActionOf } from '../plan/plan.ts';
import { checkOutcome } from './await-condition.ts';

const keptLines = 10;
const keptCharacters = 2048;

/**
 * Waits for the container of a `pre_start` hook; its output becomes `log-line` events while it runs. Rejects with
 * `plan.pre-start-failed` and its last words on any status but 0: its container stays for inspection.
 */
export async function awaitHook(
  action: ActionOf<'container.await'>,
  { engine, id, emit }: { readonly engine: Engine; readonly id: string; readonly emit: Emit },
  signal: AbortSignal,
): Promise<void> {
  const { service, preStart: index = 0, name } = action;
  const last: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const line of logLines(engine, { id, query: { follow: true }, signal })) {
      last.push(line.text);
      if (last.length > keptLines) last.shift();
      emit({ type: 'log-line', container: name, service, ...line });
    }
  };
  const [outcome] = await Promise.all([engine.awaitContainer(id, 'exited', signal), reading()]);
  if (outcome.outcome !== 'satisfied' || !outcome.exitCode) return checkOutcome(action, outcome);
  const { exitCode } = outcome;
  const output = last.join('\n').slice(-keptCharacters);
  throw new TscomposeError(diagnose('plan.pre-start-failed', { service, index, exitCode, output, container: name }));
}

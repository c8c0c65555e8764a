import { TscomposeError } from '#core/diagnostics/error.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { Plan } from '#core/plan/plan.ts';
import { diagnose } from '#core/watch/catalogue.ts';
import type { EmitWatch } from '#core/watch/event.ts';
import type { CommandContext } from '../../../context.ts';
import { planSentence } from '../../../views/plan-sentence.ts';
import { quietView } from '../../../views/quiet/quiet-view.ts';
import { bringUp } from '../bring-up.ts';
import { viewFor } from '../change.ts';
import type { Definition } from './definition.ts';

export interface ApplyDefinition {
  readonly load: () => Promise<Definition>;
  readonly options: UpOptions;
  readonly emit: EmitWatch;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Apply without asking. */
  readonly autoApply: boolean;
  /** Asks the user; absent: nobody can be asked. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/**
 * Reads a definition that has changed and brings the project to it, if the user wants that. Undefined: the project stays as it is,
 * because the files cannot be used, because nobody said yes, or because it failed; what and why has been told.
 */
export async function applyDefinition(context: CommandContext, request: ApplyDefinition): Promise<Definition | undefined> {
  const { emit, now, options, signal } = request;
  const startedMs = now();
  let name = '';
  try {
    const definition = await request.load();
    name = definition.project.name;
    const { wasExecuted } = await bringUp(context, {
      operation: 'up',
      project: definition.project,
      options,
      view: context.settings.progress === 'json' ? viewFor(context, 'up') : quietView(),
      signal,
      confirm: async ({ plan }) => {
        const isWanted = await mayApply(plan, request);
        if (isWanted) emit({ type: 'action-started', action: 'apply', service: name });
        return isWanted;
      },
    });
    if (!wasExecuted) return undefined;
    emit({ type: 'action-finished', action: 'apply', service: name, elapsedMs: now() - startedMs });
    return definition;
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof TscomposeError)) throw error;
    for (const diagnostic of error.diagnostics) emit({ type: 'problem', diagnostic });
    emit({ type: 'problem', diagnostic: diagnose('watch.definition-unused', {}) });
    return undefined;
  }
}

async function mayApply(plan: Plan, { autoApply, ask, emit }: ApplyDefinition): Promise<boolean> {
  const isEmpty = plan.actions.every((action) => action.kind === 'container.await');
  if (autoApply || isEmpty) return true;
  const sentence = planSentence(plan) ?? '';
  if (ask !== undefined) return ask(`The compose file has changed. ${sentence}. Apply?`);
  emit({ type: 'problem', diagnostic: diagnose('watch.definition-changed', { plan: sentence }) });
  return false;
}

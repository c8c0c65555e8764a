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
  const { emit, signal } = request;
  try {
    const first = await attempt(context, { ...request, isWanted: request.autoApply });
    if (first.wasExecuted) return first.definition;
    if (request.ask === undefined) {
      emit({ type: 'problem', diagnostic: diagnose('watch.definition-changed', { plan: first.sentence }) });
      return undefined;
    }
    // Nothing is locked while the question is open. What is applied is what the files say then.
    if (!(await request.ask(`Apply the changed compose file? ${first.sentence}`))) return undefined;
    return (await attempt(context, { ...request, isWanted: true })).definition;
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof TscomposeError)) throw error;
    for (const diagnostic of error.diagnostics) emit({ type: 'problem', diagnostic });
    emit({ type: 'problem', diagnostic: diagnose('watch.definition-unused', {}) });
    return undefined;
  }
}

/** Reads and plans; executes when that is wanted, or when nothing would happen. */
async function attempt(
  context: CommandContext,
  request: ApplyDefinition & { readonly isWanted: boolean },
): Promise<{ readonly definition: Definition; readonly wasExecuted: boolean; readonly sentence: string }> {
  const { emit, now, options, signal } = request;
  const startedMs = now();
  const definition = await request.load();
  const { project } = definition;
  let sentence = '';
  const { wasExecuted } = await bringUp(context, {
    operation: 'up',
    project,
    options,
    view: context.settings.progress === 'json' ? viewFor(context, 'up') : quietView(),
    signal,
    confirm: async ({ plan }) => {
      sentence = planSentence(plan) ?? '';
      if (!request.isWanted && !isEmpty(plan)) return false;
      emit({ type: 'action-started', action: 'apply', service: project.name });
      return true;
    },
  });
  if (wasExecuted) emit({ type: 'action-finished', action: 'apply', service: project.name, elapsedMs: now() - startedMs });
  return { definition, wasExecuted, sentence };
}

function isEmpty({ actions }: Plan): boolean {
  return actions.every((action) => action.kind === 'container.await');
}

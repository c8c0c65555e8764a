import type { Project } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import type { Planned } from '#core/plan/plan.ts';
import type { CommandContext } from '../../context.ts';
import { type Changed, change } from './change.ts';
import { optionalModel } from './model.ts';

/** A command that works on what exists, with or without compose files. */
export async function lifecycle(
  context: CommandContext,
  request: {
    readonly operation: string;
    /** As named on the command line. */
    readonly services: readonly string[];
    readonly plan: (project: Project, observed: Observed) => Planned;
    readonly confirm?: (planned: Planned) => Promise<boolean>;
  },
): Promise<Changed> {
  return change(context, { ...request, ...(await optionalModel(context, { naming: request.services })) });
}

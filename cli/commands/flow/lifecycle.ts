import type { Project } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import type { Planned } from '#core/plan/plan.ts';
import type { CommandContext } from '../../context.ts';
import { type Changed, change } from './change.ts';
import { type NamedModel, optionalModel } from './model.ts';

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
  return change(context, { ...request, ...(await modelWith(context, request.services)) });
}

/** The whole project; naming a service that a profile disables enables it. */
async function modelWith(context: CommandContext, services: readonly string[]): Promise<NamedModel> {
  const model = await optionalModel(context);
  const { project } = model;
  if (project === undefined || !services.some((name) => project.disabledServices[name] !== undefined)) return model;
  return optionalModel(context, { profiles: ['*'] });
}

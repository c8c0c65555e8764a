import type { Project } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { Planned } from '#core/plan/plan.ts';
import { planPull } from '#core/plan/pull.ts';
import { planUp } from '#core/plan/up.ts';
import type { CommandContext } from '../../context.ts';
import { buildBases } from './build-bases.ts';
import { type Changed, type ChangeRequest, change } from './change.ts';
import { confirm } from './confirm.ts';

/**
 * Plans and executes `up` or `create`. A volume whose definition changed is made anew only with `-y` or when the user
 * says so: then the plan is made again with that consent.
 */
export async function bringUp(
  context: CommandContext,
  request: Pick<ChangeRequest, 'operation' | 'view' | 'onEvent' | 'signal' | 'start' | 'confirm'> & {
    readonly project: Project;
    readonly options: UpOptions;
    /** Pulls without the progress of their layers. */
    readonly quietPull?: boolean;
    /** Builds without their steps and output. */
    readonly quietBuild?: boolean;
  },
): Promise<Changed> {
  const { project, options: asked, ...rest } = request;
  let options: UpOptions = { ...asked, buildBases: await buildBases(context, project) };
  return change(context, {
    ...rest,
    name: project.name,
    project,
    hides: (event) =>
      (request.quietPull === true && event.type === 'action-progress') ||
      (request.quietBuild === true && event.type === 'build-event'),
    // What a fetched image means for the containers can only be planned when it is here.
    prepare: (model, observed) => {
      // What the engine refuses is said before anything is fetched or built.
      const refused = planUp(model, observed, options).diagnostics;
      if (refused.some((one) => one.severity === 'error' && one.code.startsWith('engine.'))) return undefined;
      const images = planPull(model, observed, { ...options, providers: 'run' });
      const has = (kind: string) => images.plan.actions.some((action) => action.kind === kind);
      if (has('image.pull')) options = { ...options, pull: 'missing' };
      if (has('provider.run')) options = { ...options, providers: 'done' };
      if (has('image.build')) options = { ...options, build: 'done' };
      return images;
    },
    plan: async (model, observed) => {
      const first = planUp(model, observed, options);
      const changed = first.diagnostics.filter((one) => one.code === 'plan.volume-changed');
      if (changed.length === 0 || options.recreateVolumes || context.settings.dryRun) return first;
      return (await asksToRecreate(context, first)) ? planWithConsent({ model, observed, options }) : first;
    },
  });
}

function planWithConsent(request: { model: Project; observed: Observed; options: UpOptions }): Planned {
  return planUp(request.model, request.observed, { ...request.options, recreateVolumes: true });
}

async function asksToRecreate(context: CommandContext, planned: Planned): Promise<boolean> {
  // Without a terminal the answer is no, and the warning of the plan says what to do.
  if (context.host.stdin.isTTY !== true) return false;
  for (const one of planned.diagnostics) {
    if (one.code !== 'plan.volume-changed') continue;
    const question = `${one.message.split(';', 1)[0]}. Recreate (data will be lost)?`;
    if (!(await confirm(context, question))) return false;
  }
  return true;
}

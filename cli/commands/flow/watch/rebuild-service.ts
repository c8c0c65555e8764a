import type { Project } from '#core/model/project.ts';
import { imageOf } from '#core/model/service-references.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { CommandContext } from '../../../context.ts';
import { bringUp } from '../bring-up.ts';

/** Makes a service's image again and its containers with it; what it depends on stays. Rejects with what failed. */
export async function rebuildService(
  context: CommandContext,
  request: {
    readonly project: Project;
    readonly service: string;
    readonly options: UpOptions;
    readonly quiet: boolean;
    readonly prune?: boolean;
  },
): Promise<void> {
  const { project, service, options, quiet } = request;
  const definition = project.services[service];
  if (definition === undefined) throw new Error(`the watch rebuilds service "${service}", which the project does not have`);
  const engine = await context.engine();
  const reference = imageOf(project, service, definition);
  const before = await engine.inspectImage(reference);
  await bringUp(context, {
    operation: 'up',
    project,
    options: { ...options, services: [service], withoutDependencies: true, recreate: 'force', build: 'always' },
    quietPull: quiet,
    quietBuild: quiet,
  });
  const after = await engine.inspectImage(reference);
  const isReplaced = before !== undefined && before.id !== after?.id;
  const isNameless = isReplaced && (await engine.inspectImage(before.id))?.references.length === 0;
  if (request.prune === true && isNameless) await engine.removeImage(before.id, {});
}

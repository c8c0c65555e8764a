import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { CommandContext } from '../../../context.ts';
import type { TextOutput } from '../../../host.ts';
import { plainView } from '../../../views/plain/plain-view.ts';
import { quietView } from '../../../views/quiet/quiet-view.ts';
import type { View } from '../../../views/view.ts';
import { bringUp } from '../bring-up.ts';
import { viewFor } from '../change.ts';

export interface RebuildService {
  readonly project: Project;
  readonly service: string;
  readonly options: UpOptions;
  /** Without the output of the build. */
  readonly quiet: boolean;
  /** Removes the image that was replaced when nothing else uses it. */
  readonly prune: boolean;
  /** Where the build prints. */
  readonly stderr: Pick<TextOutput, 'write'>;
  readonly signal: AbortSignal;
}

/**
 * Makes a service's image again and its containers with it; what it depends on stays. Rejects with what failed; when that was the
 * build, the containers run on as they are.
 */
export async function rebuildService(context: CommandContext, request: RebuildService): Promise<void> {
  const { project, service, options, signal } = request;
  const engine = await context.engine();
  const before = await imagesOf(engine, { project: project.name, service });
  await bringUp(context, {
    operation: 'up',
    project,
    options: {
      ...options,
      ...{ services: [service], build: 'always', recreate: 'force', recreateDependencies: 'never', withoutDependencies: true },
    },
    quietBuild: request.quiet,
    view: rebuildView(context, request),
    signal,
  });
  if (request.prune) await removeReplaced(engine, before);
}

/** Lines rather than live rows: logs and messages of the watch stand around them. */
function rebuildView(context: CommandContext, { quiet, stderr }: RebuildService): View {
  if (context.settings.progress === 'json') return viewFor(context, 'up');
  return quiet || context.settings.progress === 'quiet' ? quietView() : plainView({ stderr });
}

async function imagesOf(engine: Engine, of: { readonly project: string; readonly service: string }): Promise<readonly string[]> {
  const containers = await engine.listContainers({ project: of.project });
  return [...new Set(containers.filter((one) => one.service === of.service).map((one) => one.imageId))];
}

/** An image that has lost its name and that no container uses any more. */
async function removeReplaced(engine: Engine, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const image = await engine.inspectImage(id);
    if (image === undefined || image.references.length > 0) continue;
    await engine.removeImage(id, {}).catch((error: unknown) => {
      if (!hasCode(error, 'engine.image-in-use') && !hasCode(error, 'engine.image-not-found')) throw error;
    });
  }
}

import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import { planStop } from '#core/plan/lifecycle.ts';
import type { CommandContext } from '../../context.ts';
import { change } from './change.ts';

/** Stops services (all when none is named) in reverse order with their own grace periods. */
export async function stopServices(
  context: CommandContext,
  request: { project: Project; services: readonly string[] },
): Promise<void> {
  const { project, services } = request;
  await change(context, {
    name: project.name,
    project,
    operation: 'stop',
    plan: (model, observed) => planStop(model, observed, { services }),
  });
}

/** Kills what runs of these services at once, also while somebody holds the project's lock. */
export async function killServices(engine: Engine, request: { project: string; services: readonly string[] }): Promise<void> {
  const containers = await engine.listContainers({ project: request.project });
  const running = containers.filter(
    (one) =>
      (one.state === 'running' || one.state === 'paused') &&
      (request.services.length === 0 || request.services.includes(one.service)),
  );
  await Promise.all(running.map((one) => engine.killContainer(one.id, 'SIGKILL').catch(ignoreGone)));
}

/** It may have ended by itself meanwhile. */
function ignoreGone(error: unknown): void {
  if (!hasCode(error, 'engine.container-not-running') && !hasCode(error, 'engine.container-not-found')) throw error;
}

import type { Project } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import { startDraft } from './draft.ts';
import { imageOptions, planImages } from './images.ts';
import type { UpOptions } from './options.ts';
import type { Planned } from './plan.ts';
import { addProviders } from './providers.ts';
import { selectServices } from './scope.ts';

/**
 * Only the fetching and building of images, and with `providers` the programs of providers: `pull`, and the first of two plans of an `up`. What a refreshed image means
 * for containers cannot be known before it is there: execute this, observe again, and plan `up` with `pull: 'missing'`.
 */
export function planPull(
  project: Project,
  observed: Observed,
  options: Pick<UpOptions, 'services' | 'withoutDependencies' | 'pull' | 'build' | 'buildBases' | 'nowMs'> & {
    readonly providers?: 'run' | 'done';
  },
): Planned {
  const draft = startDraft();
  const scope = selectServices(project, {
    services: options.services,
    follow: options.withoutDependencies ? 'alone' : 'dependencies',
  });
  if (options.providers === 'run') addProviders({ draft, project, services: scope.services, command: 'up' });
  const { diagnostics } = planImages({ draft, project, observed, services: scope.services, ...imageOptions(options) });
  return {
    plan: draft.finish({ project: project.name, operation: 'pull' }),
    diagnostics: [...scope.diagnostics, ...diagnostics],
  };
}

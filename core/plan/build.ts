import type { Project } from '../model/project.ts';
import { buildDraft } from './builds.ts';
import { checkBuilds } from './check-builds.ts';
import { startDraft } from './draft.ts';
import type { Planned } from './plan.ts';
import { selectServices } from './scope.ts';

export interface BuildOptions {
  readonly services: readonly string[];
  readonly withDependencies: boolean;
  readonly bases: Readonly<Record<string, readonly string[]>>;
}

/** `build`: the images of all selected services that have a build section, whether they are here or not. */
export function planBuild(project: Project, options: BuildOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, {
    services: options.services,
    follow: options.withDependencies ? 'dependencies' : 'alone',
  });
  const builds = buildDraft({ draft, project, bases: options.bases, allPlatforms: true });
  const built = scope.services.filter((name) => project.services[name]?.build !== undefined);
  for (const name of built) builds.add(name, { kind: 'requested' });
  builds.arrange();
  const operation = { project: project.name, operation: 'build' };
  return {
    plan: draft.tryFinish(operation) ?? draft.finish(operation),
    diagnostics: [...scope.diagnostics, ...checkBuilds(project, built)],
  };
}

import type { Project } from '../model/project.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';

/**
 * Containers of the project whose service the file does not know (disabled services are known), and one-offs that have
 * ended. Running one-offs are never orphans. Sorted by name.
 */
export function orphansOf(project: Project, observed: Observed): readonly ObservedContainer[] {
  return observed.containers
    .filter((container) => {
      if (container.oneOff) return container.state === 'exited' || container.state === 'dead';
      return project.services[container.service] === undefined && project.disabledServices[container.service] === undefined;
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

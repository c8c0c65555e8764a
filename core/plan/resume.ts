import type { Project, Service } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import { containersByService } from './down.ts';
import { selectServices } from './scope.ts';

/**
 * The services that a resume starts: of those named (all when none is named) and what they depend on, those that nobody has put
 * aside. Put aside is what was stopped by a command that did not say `--resumable`; `restart: always` brings it back all the same,
 * as it does in Docker when the daemon comes up. What was never started, failed or was cut off by a loss of power is not put aside.
 */
export function resumedServices(project: Project, observed: Observed, services: readonly string[]): readonly string[] {
  const containersOf = containersByService(observed);
  const { services: wanted } = selectServices(project, { services, follow: 'dependencies' });
  return wanted.filter((name) => {
    const containers = containersOf(name);
    const isPutAside =
      containers.length > 0 && containers.every(({ state, desired }) => state === 'exited' && desired === 'stopped');
    return !isPutAside || returnsAlways(project.services[name]);
  });
}

/** `deploy.restart_policy` replaces `restart`; its condition `any`, which it has by default, is `always`. */
function returnsAlways(service: Service | undefined): boolean {
  const policy = service?.deploy?.restart_policy;
  if (policy === undefined) return service?.restart === 'always';
  return ['any', 'always'].includes(policy.condition || 'any');
}

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { reachable } from '../graph/reachable.ts';
import type { Dependency, Project } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import { containersByService } from './down.ts';
import { startDraft } from './draft.ts';
import type { LifecycleOptions } from './options.ts';
import type { Planned } from './plan.ts';
import { addPreStart } from './pre-start.ts';
import { trackReadiness } from './readiness.ts';
import type { Reason } from './reason.ts';
import { resumedServices } from './resume.ts';
import { selectServices } from './scope.ts';
import { addStart } from './start.ts';
import { addStop, isUp } from './stop.ts';
import { unchangedContainer } from './unchanged.ts';

/** `start`: existing containers of the services and of what they depend on, dependencies first, with their waits. Creates nothing. */
export function planStart(project: Project, observed: Observed, options: LifecycleOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, {
    services: options.services,
    follow: options.withoutDependencies ? 'alone' : 'dependencies',
  });
  const readiness = trackReadiness(draft, options.waitTimeoutMs);
  const containersOf = containersByService(observed);
  const diagnostics: Diagnostic[] = [...scope.diagnostics];
  const resumed = options.resume ? new Set(resumedServices(project, observed, options.services)) : undefined;
  for (const name of scope.services) {
    const service = project.services[name];
    if (service === undefined || resumed?.has(name) === false) continue;
    const containers = containersOf(name);
    if (containers.length === 0 && scope.named.has(name) && service.scale !== 0)
      diagnostics.push(diagnose('plan.no-container', { service: name }));
    const edges = Object.entries(service.depends_on ?? {});
    let after = edges.flatMap(([dependency, how]) => readiness.nodesFor(name, dependency, how));
    const [first] = containers;
    if (first !== undefined && !containers.some(isUp))
      after = [
        ...after,
        ...addPreStart(draft, { project, observed, name, service, reason: requested, replica: first.id, after }),
      ];
    for (const container of containers) {
      const shared = { ref: container.id, name: container.name, service: name, observed: container };
      if (container.state === 'running' || container.state === 'restarting' || container.state === 'paused') {
        draft.unchanged(unchangedContainer(container));
        readiness.add({ ...shared, started: undefined });
        continue;
      }
      const { last } = addStart({
        draft,
        container: container.id,
        name: container.name,
        serviceName: name,
        service,
        reason: requested,
        after,
      });
      readiness.add({ ...shared, started: last });
    }
  }
  if (options.wait) {
    for (const name of scope.services) {
      for (const member of readiness.members(name)) {
        readiness.await(member, { condition: 'running_or_healthy', required: true, reason: requested });
      }
    }
  }
  return { plan: draft.finish({ project: project.name, operation: 'start' }), diagnostics };
}

/**
 * `restart`: stop and start of every container of the services, one-offs excluded, and of services that depend on them with
 * `restart: true` unless `withoutDependencies`. Only such edges order it: a dependent restarts when its dependency is ready again.
 */
export function planRestart(project: Project, observed: Observed, options: LifecycleOptions): Planned {
  const draft = startDraft();
  const selection = selectServices(project, { services: options.services, follow: 'alone' });
  const everything = selectServices(project, { services: [], follow: 'alone' }).services;
  const following = (name: string) => everything.filter((one) => project.services[one]?.depends_on?.[name]?.restart === true);
  const restarted = options.withoutDependencies ? new Set(selection.services) : reachable(selection.services, following);
  const readiness = trackReadiness(draft, options.waitTimeoutMs);
  const containersOf = containersByService(observed);
  for (const name of everything) {
    const service = project.services[name];
    if (service === undefined || !restarted.has(name)) continue;
    const reason: Reason = selection.named.has(name) ? requested : { kind: 'dependency-recreated', of: firstCause(name) };
    const before = restartEdges(name).flatMap(([dependency, how]) => readiness.nodesFor(name, dependency, how));
    for (const container of containersOf(name)) {
      const group = `restart:${name}-${container.number}`;
      const stop = addStop({ draft, container, service, reason, after: before, group, timeoutMs: options.timeoutMs });
      const { last } = addStart({
        draft,
        container: container.id,
        name: container.name,
        serviceName: name,
        service,
        reason,
        after: stop === undefined ? before : [stop.last],
        group,
      });
      readiness.add({ ref: container.id, name: container.name, service: name, started: last, observed: container });
    }
  }
  return { plan: draft.finish({ project: project.name, operation: 'restart' }), diagnostics: selection.diagnostics };

  function restartEdges(name: string): readonly [string, Dependency][] {
    const all = Object.entries(project.services[name]?.depends_on ?? {});
    return options.withoutDependencies ? [] : all.filter(([dependency, how]) => how.restart && restarted.has(dependency));
  }

  function firstCause(name: string): string {
    return restartEdges(name)[0]?.[0] ?? name;
  }
}

const requested: Reason = { kind: 'requested' };

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Project } from '../model/project.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import { containersByService } from './down.ts';
import { startDraft } from './draft.ts';
import type { KillOptions, LifecycleOptions, RemoveOptions } from './options.ts';
import { orphansOf } from './orphans.ts';
import type { Planned } from './plan.ts';
import { addProviders } from './providers.ts';
import { selectServices } from './scope.ts';
import { isUp } from './stop.ts';
import { addStopsInOrder } from './stop-order.ts';
import { unchangedContainer } from './unchanged.ts';

const requested = { kind: 'requested' } as const;

/** `stop`: the named services only (all when none is named), dependents first, one-offs excluded. */
export function planStop(project: Project, observed: Observed, options: LifecycleOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, { services: options.services, follow: 'alone' });
  const containersOf = containersByService(observed);
  const { timeoutMs, resumable: isResumable } = options;
  const stops = addStopsInOrder({ draft, project, scope, containersOf, reason: requested, timeoutMs, isResumable });
  addProviders({ draft, project, services: [...scope.services].reverse(), command: 'stop', after: stops.values() });
  for (const container of scope.services.flatMap(containersOf))
    if (!stops.has(container.id)) draft.unchanged(unchangedContainer(container));
  return { plan: draft.finish({ project: project.name, operation: 'stop' }), diagnostics: scope.diagnostics };
}

/** `kill`: running containers of the services, one-offs too, all at once. */
export function planKill(project: Project, observed: Observed, options: KillOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, { services: options.services, follow: 'alone' });
  const orphans = new Set(options.removeOrphans ? orphansOf(project, observed) : []);
  const targets = observed.containers.filter(
    (container) => isUp(container) && (scope.services.includes(container.service) || orphans.has(container)),
  );
  for (const { id, name, service } of sortedByName(targets)) {
    draft.add('container.kill', { container: id, name, service, signal: options.signal }, { reason: requested });
  }
  const none: readonly Diagnostic[] =
    targets.length === 0 && scope.diagnostics.length === 0 ? [diagnose('plan.nothing-to-kill', { project: project.name })] : [];
  return { plan: draft.finish({ project: project.name, operation: 'kill' }), diagnostics: [...scope.diagnostics, ...none] };
}

/** `rm`: stopped containers of the services, one-offs excluded; with `stop` the running ones too. The caller asks first. */
export function planRemove(project: Project, observed: Observed, options: RemoveOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, { services: options.services, follow: 'alone' });
  const containersOf = containersByService(observed);
  const stops = options.stop ? addStopsInOrder({ draft, project, scope, containersOf, reason: requested }) : new Map();
  const targets = scope.services.flatMap(containersOf).filter((container) => stops.has(container.id) || !isUp(container));
  for (const { id, name, service } of sortedByName(targets)) {
    const stop = stops.get(id);
    draft.add(
      'container.remove',
      { container: id, name, service, volumes: options.volumes },
      { reason: requested, after: stop === undefined ? [] : [stop] },
    );
  }
  const none: readonly Diagnostic[] =
    targets.length === 0 && scope.diagnostics.length === 0 ? [diagnose('plan.nothing-stopped', { project: project.name })] : [];
  return { plan: draft.finish({ project: project.name, operation: 'rm' }), diagnostics: [...scope.diagnostics, ...none] };
}

/** `pause`: running containers only; having none is fine. */
export function planPause(project: Project, observed: Observed, options: LifecycleOptions): Planned {
  return planFreezer(project, observed, { ...options, operation: 'pause', state: 'running' });
}

/** `unpause`: paused containers only. */
export function planUnpause(project: Project, observed: Observed, options: LifecycleOptions): Planned {
  return planFreezer(project, observed, { ...options, operation: 'unpause', state: 'paused' });
}

function planFreezer(
  project: Project,
  observed: Observed,
  { services, operation, state }: LifecycleOptions & { operation: 'pause' | 'unpause'; state: ObservedContainer['state'] },
): Planned {
  const draft = startDraft();
  const scope = selectServices(project, { services, follow: 'alone' });
  for (const { id, name, service } of scope.services
    .flatMap(containersByService(observed))
    .filter((one) => one.state === state)) {
    draft.add(`container.${operation}`, { container: id, name, service }, { reason: requested });
  }
  return { plan: draft.finish({ project: project.name, operation }), diagnostics: scope.diagnostics };
}

function sortedByName(containers: readonly ObservedContainer[]): readonly ObservedContainer[] {
  return [...containers].sort((a, b) => (a.name < b.name ? -1 : 1));
}

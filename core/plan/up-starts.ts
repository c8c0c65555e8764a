import type { Project } from '../model/project.ts';
import { donorNames } from '../model/service-references.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import type { Draft, Node } from './draft.ts';
import type { Fate } from './fates.ts';
import { trackFreed } from './freed.ts';
import type { UpOptions } from './options.ts';
import { addPreStart } from './pre-start.ts';
import { type Readiness, trackReadiness } from './readiness.ts';
import type { Reason } from './reason.ts';
import type { Scope } from './scope.ts';
import { addStart } from './start.ts';
import { addStop } from './stop.ts';
import { unchangedContainer } from './unchanged.ts';
import type { CreatedContainers } from './up-containers.ts';

/** Services of which the plan starts at least one container. */
export interface Started {
  readonly services: ReadonlySet<string>;
}

/** Adds starts, waits and hooks in dependency order, and stops dependents of what is recreated (`restart: true`). */
export function addStarts({
  draft,
  project,
  options,
  scope,
  fates,
  containers,
  orphanStops,
  observed: world,
}: {
  draft: Draft;
  observed: Observed;
  project: Project;
  options: UpOptions;
  scope: Scope;
  fates: ReadonlyMap<string, readonly Fate[]>;
  containers: CreatedContainers;
  /** Stops of orphans that go: they may hold ports. */
  orphanStops: readonly (readonly [ObservedContainer, Node])[];
}): Started {
  const readiness = trackReadiness(draft, options.waitTimeoutMs);
  const started = new Set<string>();
  const restartStops = new Map<string, { readonly first: Node; readonly last: Node }>();
  const freed = trackFreed([...stopsByContainer(), ...orphanStops]);
  for (const name of scope.services) {
    const service = project.services[name];
    if (service === undefined) continue;
    const restartFor = restartCause(name);
    let hooks: readonly Node[] = [];
    for (const fate of fates.get(name) ?? []) {
      const container = containers.of(fate);
      if (container === undefined) continue;
      const { observed } = container;
      const restart = restartFor !== undefined && observed?.state === 'running' ? addRestartStop(observed, restartFor) : [];
      const reason = restart.length > 0 && restartFor !== undefined ? restartReason(restartFor) : startReason(fate, observed);
      const shared = { ref: container.ref, name: fate.name, service: name, observed };
      if (reason === undefined) {
        readiness.add({ ...shared, started: undefined });
        if (container.after.length === 0) draft.unchanged(unchangedContainer(fate));
        continue;
      }
      const isFirst = !started.has(name);
      started.add(name);
      const named = { container: container.ref, name: fate.name, service: name };
      if (observed?.state === 'paused' && restart.length === 0) {
        readiness.add({ ...shared, started: draft.add('container.unpause', named, { reason, after: container.after }) });
        continue;
      }
      const needs = [...restart, ...dependencyNodes(name, readiness), ...freed.neededBy(project, service)];
      if (isFirst && isNew(name) && options.oneOff?.service !== name)
        hooks = addPreStart(draft, {
          project,
          observed: world,
          name,
          service,
          reason,
          replica: container.ref,
          after: [...container.after, ...needs],
        });
      const after = [...container.after, ...needs, ...hooks];
      const { last } = addStart({
        draft,
        container: container.ref,
        name: fate.name,
        serviceName: name,
        service,
        reason,
        after,
        group: container.group,
      });
      readiness.add({ ...shared, started: last });
    }
  }
  stopDependentsFirst();
  if (options.wait) addFinalWaits(readiness);
  return { services: started };

  /** No replica runs on: hooks run before the first one of a service starts. */
  function isNew(name: string): boolean {
    return (fates.get(name) ?? []).every(
      (fate) => fate.kind !== 'keep' || !/^(running|restarting|paused)$/.test(fate.container.state),
    );
  }

  function dependencyNodes(name: string, readiness: Readiness): readonly Node[] {
    const service = project.services[name];
    const written = Object.entries(service?.depends_on ?? {});
    const donors = service === undefined ? [] : donorNames(service).filter((donor) => service.depends_on?.[donor] === undefined);
    return [
      ...written.flatMap(([dependency, how]) => readiness.nodesFor(name, dependency, how)),
      ...donors.flatMap((donor) => readiness.nodesFor(name, donor, { condition: 'service_started', required: true })),
    ];
  }

  /** The first dependency with `restart: true` of which a container is made anew. */
  function restartCause(name: string): string | undefined {
    return Object.entries(project.services[name]?.depends_on ?? {}).find(
      ([dependency, how]) => how.restart && isRecreated(dependency),
    )?.[0];
  }

  function isRecreated(name: string): boolean {
    return (fates.get(name) ?? []).some((fate) => fate.kind === 'recreate' || fate.kind === 'replace');
  }

  function addRestartStop(container: ObservedContainer, cause: string): readonly Node[] {
    const stop = addStop({
      draft,
      container,
      service: project.services[container.service],
      reason: restartReason(cause),
      timeoutMs: options.timeoutMs,
    });
    if (stop === undefined) return [];
    restartStops.set(container.id, stop);
    return [stop.last];
  }

  /** What is recreated stops only after the dependents that want to be restarted with it. */
  function stopDependentsFirst(): void {
    for (const name of scope.services) {
      for (const [dependency, how] of Object.entries(project.services[name]?.depends_on ?? {})) {
        if (!how.restart) continue;
        const own = stopsOf(name, restartStops).map((stop) => stop.last);
        for (const stop of isRecreated(dependency) ? stopsOf(dependency) : []) draft.order(stop.first, own);
      }
    }
  }

  /** Stops of the service's containers that are made anew or removed, and those in `more`. */
  function stopsOf(
    name: string,
    more?: ReadonlyMap<string, { readonly first: Node; readonly last: Node }>,
  ): readonly { first: Node; last: Node }[] {
    return (fates.get(name) ?? []).flatMap((fate) =>
      fate.kind === 'create' ? [] : (containers.stops.get(fate.container.id) ?? more?.get(fate.container.id) ?? []),
    );
  }

  function stopsByContainer(): readonly (readonly [ObservedContainer, Node])[] {
    return [...fates.values()].flat().flatMap((fate) => {
      const stop = fate.kind === 'create' ? undefined : containers.stops.get(fate.container.id);
      return fate.kind === 'create' || stop === undefined ? [] : [[fate.container, stop.last] as const];
    });
  }

  function addFinalWaits(readiness: Readiness): void {
    const completing = new Set(
      scope.services.flatMap((name) =>
        Object.entries(project.services[name]?.depends_on ?? {}).flatMap(([dependency, how]) =>
          how.condition === 'service_completed_successfully' ? [dependency] : [],
        ),
      ),
    );
    for (const name of scope.services) {
      for (const member of readiness.members(name)) {
        const reason: Reason = { kind: 'requested' };
        if (completing.has(name)) readiness.await(member, { condition: 'exited', required: true, expectExitCode: 0, reason });
        else readiness.await(member, { condition: 'running_or_healthy', required: true, reason });
      }
    }
  }
}

function restartReason(of: string): Reason {
  return { kind: 'dependency-recreated', of };
}

/** Why the container is started, or undefined when it runs already. */
function startReason(fate: Fate, observed: ObservedContainer | undefined): Reason | undefined {
  if (observed === undefined) return fate.kind === 'create' ? fate.reason : { kind: 'part-of-recreate' };
  return observed.state === 'running' || observed.state === 'restarting' ? undefined : { kind: 'stopped' };
}

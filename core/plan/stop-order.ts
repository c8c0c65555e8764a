import type { Project } from '../model/project.ts';
import type { ObservedContainer } from '../observe/observed.ts';
import type { Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';
import { dependentsIn, type Scope } from './scope.ts';
import { addStop } from './stop.ts';

/**
 * Adds the stops of a scope's containers in reverse dependency order, dependents first; answers the last node by
 * container id. A service without anything to stop passes on what it would have waited for.
 */
export function addStopsInOrder({
  draft,
  project,
  scope,
  containersOf,
  reason,
  timeoutMs,
  isResumable,
}: {
  draft: Draft;
  project: Project;
  scope: Scope;
  containersOf: (service: string) => readonly ObservedContainer[];
  reason: Reason;
  timeoutMs?: number | undefined;
  /** What is stopped is not put aside. */
  isResumable?: boolean | undefined;
}): ReadonlyMap<string, Node> {
  const dependents = dependentsIn(project);
  const gates = new Map<string, readonly Node[]>();
  const stops = new Map<string, Node>();
  for (const name of [...scope.services].reverse()) {
    const after = [...new Set(dependents(name).flatMap((dependent) => gates.get(dependent) ?? []))];
    const own = containersOf(name).flatMap((container) => {
      const stop = addStop({ draft, container, service: project.services[name], reason, after, timeoutMs, isResumable });
      if (stop !== undefined) stops.set(container.id, stop.last);
      return stop === undefined ? [] : [stop.last];
    });
    gates.set(name, own.length === 0 ? after : own);
  }
  return stops;
}

import type { ProviderVariable } from '../engine/provider.ts';
import type { ImageSummary } from '../engine/specs.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import type { Action, Plan } from '../plan/plan.ts';

/** What an action left behind for later ones, by action id. */
export interface Results {
  readonly containers: Map<number, string>;
  readonly images: Map<string, ImageSummary>;
  readonly removedContainers: Set<string>;
  /** What providers set, by service. */
  readonly variables: Map<string, readonly ProviderVariable[]>;
}

export function emptyResults(): Results {
  return { containers: new Map(), images: new Map(), removedContainers: new Set(), variables: new Map() };
}

/** Engine id for a `container` field: itself, or the id that action `#n` returned. */
export function containerId(reference: string, results: Results): string {
  if (!reference.startsWith('#')) return reference;
  const id = results.containers.get(Number(reference.slice(1)));
  if (id === undefined) throw new Error(`action ${reference} has not made a container`);
  return id;
}

/** Finds the container of a service that lends its namespaces: lowest number, of those that the plan does not remove. */
export function findDonors({
  plan,
  observed,
  results,
}: {
  plan: Plan;
  observed: Observed;
  results: Results;
}): (service: string) => string | undefined {
  const removed = new Set(plan.actions.flatMap((action) => (action.kind === 'container.remove' ? [action.container] : [])));
  const lasting = Map.groupBy(
    observed.containers.filter((container) => !container.oneOff && !removed.has(container.id)),
    (container) => container.service,
  );
  // A one-off, such as the container of a hook, lends nothing.
  const creates = plan.actions.filter(isCreate).filter((action) => action.oneOff === undefined);
  const created = Map.groupBy(creates, (action) => action.service);
  return (service) => {
    const candidates = [
      ...(lasting.get(service) ?? []).map((container: ObservedContainer) => ({ number: container.number, id: container.id })),
      ...(created.get(service) ?? []).map((action) => ({ number: action.number, id: results.containers.get(action.id) })),
    ];
    return candidates.sort((a, b) => a.number - b.number)[0]?.id;
  };
}

function isCreate(action: Action): action is Extract<Action, { kind: 'container.create' }> {
  return action.kind === 'container.create';
}

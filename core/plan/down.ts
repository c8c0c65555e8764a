import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { composeLabel } from '../model/labels.ts';
import type { Project } from '../model/project.ts';
import { imageOf } from '../model/service-references.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import { type Draft, type Node, startDraft } from './draft.ts';
import type { DownOptions } from './options.ts';
import { orphansOf } from './orphans.ts';
import type { Planned } from './plan.ts';
import { isHookContainer } from './pre-start.ts';
import { addProviders } from './providers.ts';
import { selectServices } from './scope.ts';
import { addStop } from './stop.ts';
import { addStopsInOrder } from './stop-order.ts';

/**
 * Stops and removes the project: containers in reverse dependency order (named services with their dependents), then
 * networks, and volumes and images where asked. What others still use stays, with a warning. Pure.
 */
export function planDown(project: Project, observed: Observed, options: DownOptions): Planned {
  const draft = startDraft();
  const scope = selectServices(project, { services: options.services, follow: 'dependents' });
  const containersOf = containersByService(observed);
  const reason = { kind: 'requested' } as const;
  const stops = addStopsInOrder({ draft, project, scope, containersOf, reason, timeoutMs: options.timeoutMs });
  const removals = new Map<string, Node>();
  for (const container of [...scope.services].reverse().flatMap(containersOf)) {
    const stop = stops.get(container.id);
    removals.set(container.id, addRemove(draft, { container, options, reason, after: stop === undefined ? [] : [stop] }));
  }
  const hooks = observed.containers.filter((one) => isHookContainer(one) && scope.services.includes(one.service));
  for (const container of options.removeOrphans ? orphansAtDown(project, observed) : hooks) {
    const orphan = { kind: 'orphan' } as const;
    const stop = addStop({ draft, container, service: undefined, reason: orphan, timeoutMs: options.timeoutMs });
    removals.set(
      container.id,
      addRemove(draft, { container, options, reason: orphan, after: stop === undefined ? [] : [stop.last] }),
    );
  }
  addProviders({ draft, project, services: [...scope.services].reverse(), command: 'down', after: removals.values() });
  const kept = [...removeNetworks(), ...(options.volumes ? removeVolumes() : [])];
  if (options.images !== undefined) removeImages(options.images);

  const plan = draft.finish({ project: project.name, operation: 'down' });
  const nothing = plan.actions.length === 0 && kept.length === 0 && scope.diagnostics.length === 0;
  return {
    plan,
    diagnostics: [
      ...scope.diagnostics,
      ...kept,
      ...(nothing ? [diagnose('plan.nothing-to-remove', { project: project.name })] : []),
    ],
  };

  function removeNetworks(): readonly Diagnostic[] {
    return observed.networks
      .filter((network) =>
        isOwn(network.name, { all: project.networks, owner: network.project, key: network.labels[composeLabel.network] }),
      )
      .flatMap((network) => {
        const left = network.containers.filter((id) => !removals.has(id));
        if (left.length > 0) return stillUsed('Network', network.name, left);
        draft.add('network.remove', { name: network.name }, { reason, after: nodesOf(network.containers) });
        return [];
      });
  }

  function removeVolumes(): readonly Diagnostic[] {
    return observed.volumes
      .filter((volume) => !volume.anonymous)
      .filter((volume) =>
        isOwn(volume.name, { all: project.volumes, owner: volume.project, key: volume.labels[composeLabel.volume] }),
      )
      .flatMap((volume) => {
        const left = volume.containers.filter((id) => !removals.has(id));
        if (left.length > 0) return stillUsed('Volume', volume.name, left);
        draft.add('volume.remove', { name: volume.name }, { reason, after: nodesOf(volume.containers), destructive: true });
        return [];
      });
  }

  function removeImages(which: NonNullable<DownOptions['images']>): void {
    const references = scope.services.flatMap((name) => {
      const service = project.services[name];
      if (service === undefined) return [];
      const reference = imageOf(project, name, service);
      const image = observed.images[reference];
      if (image === undefined) return [];
      const isLocal = service.image === undefined || image.config.Labels?.[composeLabel.project] === project.name;
      return which === 'all' || isLocal ? [reference] : [];
    });
    for (const reference of [...new Set(references)].sort()) {
      const users = observed.containers.filter((container) => container.image === reference);
      draft.add('image.remove', { reference }, { reason, after: nodesOf(users.map((user) => user.id)) });
    }
  }

  /** Those of the model; with `--remove-orphans` also what an earlier version of the file has left behind. Never an external one. */
  function isOwn(
    name: string,
    { all, owner, key }: { all: Project['networks'] | Project['volumes']; owner: string | undefined; key: string | undefined },
  ): boolean {
    const declared = Object.values(all).find((one) => one.name === name);
    if (declared !== undefined) return !declared.external && (owner === undefined || owner === project.name);
    return options.removeOrphans && options.services.length === 0 && owner === project.name && key !== undefined;
  }

  function stillUsed(kind: 'Network' | 'Volume', name: string, ids: readonly string[]): readonly Diagnostic[] {
    // With named services the others are meant to go on.
    if (options.services.length > 0) return [];
    const containers = ids.map((id) => observed.containers.find((one) => one.id === id)?.name ?? id.slice(0, 12));
    return [diagnose('plan.resource-kept', { kind, name, containers })];
  }

  function nodesOf(ids: readonly string[]): readonly Node[] {
    return ids.flatMap((id) => removals.get(id) ?? []);
  }
}

function addRemove(
  draft: Draft,
  {
    container,
    options,
    reason,
    after,
  }: {
    container: ObservedContainer;
    options: DownOptions;
    reason: { readonly kind: 'requested' } | { readonly kind: 'orphan' };
    after: readonly Node[];
  },
): Node {
  const fields = { container: container.id, name: container.name, service: container.service, volumes: options.volumes };
  return draft.add('container.remove', fields, { reason, after });
}

/** At `down` every one-off is an orphan, running or not. */
function orphansAtDown(project: Project, observed: Observed): readonly ObservedContainer[] {
  const ended = new Set(orphansOf(project, observed));
  return observed.containers.filter((container) => container.oneOff || ended.has(container)).sort(byNumber);
}

/** Replicas of a service by number; one-offs are not among them. */
export function containersByService(observed: Observed): (service: string) => readonly ObservedContainer[] {
  const byService = Map.groupBy(
    observed.containers.filter((container) => !container.oneOff),
    (container) => container.service,
  );
  return (service) => [...(byService.get(service) ?? [])].sort(byNumber);
}

function byNumber(a: ObservedContainer, b: ObservedContainer): number {
  return a.number - b.number || (a.name < b.name ? -1 : 1);
}

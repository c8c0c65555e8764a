import type { Project, Service } from '../model/project.ts';
import { donorNames, networksOf, volumesOf } from '../model/service-references.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import type { ContainerRef, Draft, Node } from './draft.ts';
import type { Fate } from './fates.ts';
import { isTemporaryName, temporaryName } from './names.ts';
import type { UpOptions } from './options.ts';
import type { ActionFields } from './plan.ts';
import { addStop } from './stop.ts';
import type { MadeResources } from './up-resources.ts';

/** What the create phase did, for the start phase. */
export interface CreatedContainers {
  readonly of: (fate: Fate) => CreatedContainer | undefined;
  /** Container id → the node after which it is gone. */
  readonly removals: ReadonlyMap<string, Node>;
  /** Container id → the first and last nodes of its stop; `last` frees its ports and addresses. */
  readonly stops: ReadonlyMap<string, { readonly first: Node; readonly last: Node }>;
  readonly heldNames: readonly HeldName[];
}

/** A final name that a container of the project has and keeps. */
export interface HeldName {
  readonly name: string;
  /** Service of the container that has it. */
  readonly holder: string;
}

export interface CreatedContainer {
  readonly ref: ContainerRef;
  /** Its start waits for these. */
  readonly after: readonly Node[];
  readonly group: string | undefined;
  /** Undefined: this plan makes it. */
  readonly observed: ObservedContainer | undefined;
}

/** Adds creates, recreates, replacements, removals and renames; nothing is started here. */
export function addContainers({
  draft,
  project,
  observed,
  options,
  fates,
  made,
  pulls,
  orphanRemovals,
}: {
  draft: Draft;
  project: Project;
  observed: Observed;
  options: UpOptions;
  fates: ReadonlyMap<string, readonly Fate[]>;
  made: MadeResources;
  pulls: (service: string) => readonly Node[];
  /** By container id. */
  orphanRemovals: ReadonlyMap<string, Node>;
}): CreatedContainers {
  const created = new Map<Fate, CreatedContainer>();
  const removals = new Map<string, Node>();
  const stops = new Map<string, { readonly first: Node; readonly last: Node }>();
  const nodesThatTakeName: { readonly node: Node; readonly name: string; readonly own: string | undefined }[] = [];

  for (const [name, list] of fates) {
    const service = project.services[name];
    if (service === undefined) continue;
    const needs = [...pulls(name), ...resourceNodes(service), ...donorNodes(service)];
    let previousCreate: readonly Node[] = [];
    for (const fate of list) {
      const done = addFate(fate, { service, needs, previousCreate });
      if (done === undefined) continue;
      created.set(fate, done);
      // Numbers are given one after another: a killed command leaves no gap.
      if (fate.kind === 'create' && typeof done.ref !== 'string') previousCreate = [done.ref];
    }
  }
  const heldNames: HeldName[] = [];
  for (const { node, name, own } of nodesThatTakeName) {
    const holder = observed.containers.find((one) => one.name === name && one.id !== own);
    if (holder === undefined) continue;
    const gone = removals.get(holder.id) ?? orphanRemovals.get(holder.id);
    if (gone === undefined) heldNames.push({ name, holder: holder.service });
    else draft.order(node, [gone]);
  }
  return { of: (fate) => created.get(fate), removals, stops, heldNames };

  function addFate(
    fate: Fate,
    { service, needs, previousCreate }: { service: Service; needs: readonly Node[]; previousCreate: readonly Node[] },
  ): CreatedContainer | undefined {
    const named = { service: fate.service, number: fate.number };
    switch (fate.kind) {
      case 'keep': {
        const rename =
          isTemporaryName(fate.container.name) && fate.container.name !== fate.name
            ? [addRename(fate, fate.container.id, [])]
            : [];
        return { ref: fate.container.id, after: rename, group: undefined, observed: fate.container };
      }
      case 'create': {
        const node = draft.add(
          'container.create',
          { ...named, name: fate.name, ...oneOffOf(fate) },
          { reason: fate.reason, after: [...needs, ...previousCreate] },
        );
        nodesThatTakeName.push({ node, name: fate.name, own: undefined });
        return { ref: node, after: [node], group: undefined, observed: undefined };
      }
      case 'remove':
        addRemoval(fate, { service, after: [], group: undefined });
        return undefined;
      case 'recreate': {
        const group = `recreate:${fate.service}-${fate.number}`;
        const ref =
          fate.successor?.id ?? addReplacement(fate, { needs, name: temporaryName(fate.container.id, fate.name), group });
        const remove = addRemoval(fate, { service, after: typeof ref === 'string' ? [] : [ref], group });
        const rename = addRename(fate, ref, [remove], group);
        return { ref, after: [rename], group, observed: undefined };
      }
      case 'replace': {
        const group = `recreate:${fate.service}-${fate.number}`;
        // Not before the new image is there: a failed pull must not leave the service without a container.
        const remove = addRemoval(fate, { service, after: pulls(fate.service), group });
        const node = addReplacement(fate, { needs: [...needs, remove], name: fate.name, group });
        nodesThatTakeName.push({ node, name: fate.name, own: fate.container.id });
        return { ref: node, after: [node], group, observed: undefined };
      }
    }
  }

  function oneOffOf({ service }: Fate): Pick<ActionFields['container.create'], 'oneOff'> {
    if (options.oneOff?.service !== service) return {};
    const { useAliases, autoRemove } = options.oneOff;
    return { oneOff: { useAliases, autoRemove } };
  }

  function addReplacement(
    fate: Fate & { readonly kind: 'recreate' | 'replace' },
    { needs, name, group }: { needs: readonly Node[]; name: string; group: string },
  ): Node {
    const inherit = options.renewAnonymousVolumes ? {} : { inheritFrom: fate.container.id };
    return draft.add(
      'container.create',
      { service: fate.service, number: fate.number, name, ...inherit },
      { reason: fate.reason, after: needs, group },
    );
  }

  function addRename(fate: Fate, container: ContainerRef, after: readonly Node[], group?: string): Node {
    const node = draft.add(
      'container.rename',
      { container, name: fate.name, service: fate.service },
      { reason: { kind: 'part-of-recreate' }, after, group },
    );
    nodesThatTakeName.push({ node, name: fate.name, own: typeof container === 'string' ? container : undefined });
    return node;
  }

  function addRemoval(
    fate: Exclude<Fate, { kind: 'keep' | 'create' }>,
    { service, after, group }: { service: Service; after: readonly Node[]; group: string | undefined },
  ): Node {
    const { container } = fate;
    const reason = fate.kind === 'remove' ? fate.reason : ({ kind: 'part-of-recreate' } as const);
    const stop = addStop({ draft, container, service, reason, after, group, timeoutMs: options.timeoutMs });
    if (stop !== undefined) stops.set(container.id, stop);
    const node = draft.add(
      'container.remove',
      {
        container: container.id,
        name: container.name,
        service: container.service,
        volumes: options.renewAnonymousVolumes && fate.kind !== 'remove',
      },
      { reason, after: stop === undefined ? after : [stop.last], group },
    );
    removals.set(container.id, node);
    return node;
  }

  function resourceNodes(service: Service): readonly Node[] {
    return [
      ...[...networksOf(project, service).values()].flatMap((name) => made.networks.get(name) ?? []),
      ...[...volumesOf(project, service).values()].flatMap((name) => made.volumes.get(name) ?? []),
    ];
  }

  function donorNodes(service: Service): readonly Node[] {
    return donorNames(service).flatMap((donor) =>
      (fates.get(donor) ?? []).flatMap((fate) => {
        const ref = created.get(fate)?.ref;
        return ref === undefined || typeof ref === 'string' ? [] : [ref];
      }),
    );
  }
}

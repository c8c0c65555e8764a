import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { composeLabel } from '../model/labels.ts';
import type { Project } from '../model/project.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import type { Draft, Node } from './draft.ts';
import type { ResourceFate, ResourceFates } from './resources.ts';

/** The nodes that make networks and volumes. */
export interface MadeResources {
  /** By engine name; missing: it exists and stays. */
  readonly networks: ReadonlyMap<string, Node>;
  readonly volumes: ReadonlyMap<string, Node>;
  /** Once the removals of containers are known: lets removals of networks and volumes wait for them, and drops networks that were renamed. */
  finish(after: { readonly removals: ReadonlyMap<string, Node>; readonly project: Project }): void;
}

/** Adds create and remake of networks and volumes. */
export function addResources({
  draft,
  resources,
  observed,
}: {
  draft: Draft;
  resources: ResourceFates;
  observed: Observed;
}): MadeResources {
  const pending: { readonly node: Node; readonly users: readonly string[] }[] = [];
  const networks = new Map<string, Node>();
  for (const { key, name, fate } of resources.networks) {
    if (fate === 'keep') draft.unchanged({ kind: 'network', name });
    if (fate !== 'create' && fate !== 'remake') continue;
    const reason = fate === 'create' ? ({ kind: 'absent' } as const) : ({ kind: 'network-changed', network: name } as const);
    const group = fate === 'remake' ? `remake:${name}` : undefined;
    const remove = fate === 'remake' ? [draft.add('network.remove', { name }, { reason, group })] : [];
    for (const node of remove) pending.push({ node, users: usersOf(observed.networks, name) });
    networks.set(name, draft.add('network.create', { network: key, name }, { reason, group, after: remove }));
  }
  const volumes = new Map<string, Node>();
  for (const { key, name, fate } of resources.volumes) {
    if (fate === 'keep') draft.unchanged({ kind: 'volume', name });
    if (fate !== 'create' && fate !== 'remake') continue;
    const reason = fate === 'create' ? ({ kind: 'absent' } as const) : ({ kind: 'volume-changed', volume: name } as const);
    const group = fate === 'remake' ? `remake:${name}` : undefined;
    const remove = fate === 'remake' ? [draft.add('volume.remove', { name }, { reason, group, destructive: true })] : [];
    for (const node of remove) pending.push({ node, users: usersOf(observed.volumes, name) });
    volumes.set(name, draft.add('volume.create', { volume: key, name }, { reason, group, after: remove }));
  }
  return {
    networks,
    volumes,
    finish({ removals, project }) {
      for (const { node, users } of pending) draft.order(node, nodesOf(users, removals));
      for (const { name, containers } of renamedNetworks(project, observed)) {
        if (containers.every((id) => removals.has(id))) {
          draft.add('network.remove', { name }, { reason: { kind: 'unused' }, after: nodesOf(containers, removals) });
        }
      }
    },
  };
}

/** Containers that use what must be made anew, and that this plan does not remove. */
export function checkRemade({
  resources,
  observed,
  removed,
}: {
  resources: ResourceFates;
  observed: Observed;
  removed: ReadonlySet<string>;
}): readonly Diagnostic[] {
  const staying = (one: ResourceFate, all: readonly { readonly name: string; readonly containers: readonly string[] }[]) =>
    one.fate === 'remake' ? usersOf(all, one.name).filter((id) => !removed.has(id)) : [];
  const names = (ids: readonly string[]) =>
    ids.map((id) => observed.containers.find((one) => one.id === id)?.name ?? id.slice(0, 12));
  return [
    ...resources.networks.flatMap((one) => {
      const users = staying(one, observed.networks);
      return users.length === 0 ? [] : [diagnose('plan.network-in-use', { network: one.name, containers: names(users) })];
    }),
    ...resources.volumes.flatMap((one) => {
      const users = staying(one, observed.volumes);
      return users.length === 0 ? [] : [diagnose('plan.volume-in-use', { volume: one.name, containers: names(users) })];
    }),
  ];
}

/** Networks of ours whose key the file still has, under another engine name. */
function renamedNetworks(project: Project, observed: Observed): Observed['networks'] {
  return observed.networks.filter((network) => {
    const key = network.labels[composeLabel.network];
    const wanted = key === undefined ? undefined : project.networks[key];
    return network.project === project.name && wanted !== undefined && wanted.name !== network.name;
  });
}

function usersOf(
  all: readonly { readonly name: string; readonly containers: readonly string[] }[],
  name: string,
): readonly string[] {
  return all.find((one) => one.name === name)?.containers ?? [];
}

function nodesOf(ids: readonly string[], removals: ReadonlyMap<string, Node>): readonly Node[] {
  return ids.flatMap((id) => removals.get(id) ?? []);
}

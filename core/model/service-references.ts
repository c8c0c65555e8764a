import type { Project, Service } from './project.ts';

/** Image reference of a service: as written, else the name under which its build is stored. */
export function imageOf(project: { readonly name: string }, name: string, service: Service): string {
  return service.image ?? `${project.name}-${name}`;
}

export interface Donors {
  readonly network?: string;
  readonly ipc?: string;
  readonly pid?: string;
  readonly volumes: readonly { readonly service: string; readonly readOnly: boolean }[];
}

/** Services whose container lends this one a namespace or its volumes (`network_mode: service:x`, `volumes_from`). */
export function donorsOf(service: Service): Donors {
  const network = serviceIn(service.network_mode);
  const ipc = serviceIn(service.ipc);
  const pid = serviceIn(service.pid);
  return {
    ...(network === undefined ? {} : { network }),
    ...(ipc === undefined ? {} : { ipc }),
    ...(pid === undefined ? {} : { pid }),
    volumes: (service.volumes_from ?? [])
      .filter((text) => !text.startsWith('container:'))
      .map((text) => {
        const [name = '', mode] = text.split(':');
        return { service: name, readOnly: mode === 'ro' };
      }),
  };
}

/** The donors' names, each once. */
export function donorNames(service: Service): readonly string[] {
  const { network, ipc, pid, volumes } = donorsOf(service);
  const names = [network, ipc, pid, ...volumes.map((one) => one.service)];
  return [...new Set(names.filter((name) => name !== undefined))];
}

function serviceIn(mode: string | undefined): string | undefined {
  return mode?.startsWith('service:') ? mode.slice('service:'.length) : undefined;
}

/** Engine names of the service's networks by key, of those that the project declares. */
export function networksOf(project: Project, service: Service): ReadonlyMap<string, string> {
  return engineNames(Object.keys(service.networks ?? {}), project.networks);
}

/** Engine names by key of the named volumes that the service mounts. */
export function volumesOf(project: Project, service: Service): ReadonlyMap<string, string> {
  const keys = (service.volumes ?? []).flatMap((mount) => (mount.type === 'volume' && mount.source ? [mount.source] : []));
  return engineNames(keys, project.volumes);
}

function engineNames(
  keys: readonly string[],
  declared: Readonly<Record<string, { readonly name: string }>>,
): ReadonlyMap<string, string> {
  return new Map(
    [...new Set(keys)].sort().flatMap((key) => (declared[key] === undefined ? [] : [[key, declared[key].name] as const])),
  );
}

/** Image references that the service needs besides its own: mounts of `type: image`, and those of `pre_start` hooks. */
export function imageMountsOf(service: Service): readonly string[] {
  const hooks = (service.pre_start ?? []).flatMap(({ image }) => (image === undefined || image === service.image ? [] : [image]));
  return [...hooks, ...imagesMounted(service)];
}

function imagesMounted(service: Service): readonly string[] {
  return (service.volumes ?? []).flatMap((mount) => (mount.type === 'image' && mount.source ? [mount.source] : []));
}

/**
 * Names under which other services want to find this one (`links: ["db:database"]`), sorted. They become aliases of the linked
 * service on its networks: every service there can use them, not only the one that links.
 */
export function linkAliases(project: Project, name: string): readonly string[] {
  const known = aliasesByProject.get(project) ?? allLinkAliases(project);
  aliasesByProject.set(project, known);
  return known.get(name) ?? [];
}

/** A project never changes, and every service asks: reading all links once keeps planning linear. */
const aliasesByProject = new WeakMap<Project, ReadonlyMap<string, readonly string[]>>();

function allLinkAliases(project: Project): ReadonlyMap<string, readonly string[]> {
  const links = Object.values(project.services).flatMap((service) =>
    (service.links ?? []).flatMap((link) => {
      const [target = '', alias] = link.split(':');
      return alias === undefined || alias === target ? [] : [{ target, alias }];
    }),
  );
  const byTarget = Map.groupBy(links, ({ target }) => target);
  return new Map([...byTarget].map(([target, list]) => [target, [...new Set(list.map(({ alias }) => alias))].sort()]));
}

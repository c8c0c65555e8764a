import type { ContainerSpec, ImageSummary, MountSpec } from '../engine/specs.ts';
import { withAbsoluteProfiles } from '../model/absolute-profiles.ts';
import type { Project, Service, StringMap } from '../model/project.ts';
import { donorsOf, imageOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { finalName } from '../plan/names.ts';
import { containerLabels } from './container-labels.ts';
import { serviceEndpoints } from './endpoints.ts';
import { serviceFiles } from './files.ts';
import { type AnonymousVolumes, serviceMounts, withInherited } from './mounts.ts';

export interface ContainerRequest {
  readonly project: Project;
  readonly observed: Observed;
  /** Local images by reference as asked, pulled ones included. */
  readonly images: Readonly<Record<string, ImageSummary>>;
  /** Of the service. */
  readonly service: string;
  /** 0 for a one-off. */
  readonly number: number;
  /** Name to create it under; temporary in a recreate. */
  readonly name: string;
  /** Docker Compose's hash of a service, for its label. */
  readonly configHash?: ((service: Service) => string) | undefined;
  /** Container ids by service, of those that lend a namespace or volumes to this one. */
  readonly donorIds?: StringMap;
  /** Mounts of `volumes_from`, resolved. */
  readonly borrowedMounts?: readonly MountSpec[];
  /** An existing container whose anonymous volumes the engine hands over. */
  readonly inheritFrom?: string | undefined;
  /** Anonymous volumes of a container that is gone already. */
  readonly inheritedVolumes?: AnonymousVolumes;
  readonly oneOff?: { readonly useAliases: boolean; readonly autoRemove?: boolean } | undefined;
}

/** Everything the engine needs to make one container. Pure: equal requests give equal specs. */
export function containerSpec(request: ContainerRequest): ContainerSpec {
  const { project, service: serviceName, images, number, name, oneOff, donorIds = {}, inheritFrom } = request;
  const service = project.services[serviceName];
  if (service === undefined)
    throw new Error(`the plan creates a container of service "${serviceName}", which the project does not have`);
  const image = imageOf(project, serviceName, service);
  const donors = donorsOf(service);
  const replaces =
    inheritFrom !== undefined || request.inheritedVolumes !== undefined ? replacedName(serviceName, service, number) : undefined;
  return {
    name,
    project: project.name,
    serviceName,
    number,
    oneOff: oneOff !== undefined,
    image,
    service: withAbsoluteProfiles(project, service),
    endpoints: serviceEndpoints(project, service, {
      name: serviceName,
      // The others must find it under its final name, also while it still has a temporary one.
      containerName: finalName(name),
      useAliases: oneOff?.useAliases ?? true,
    }),
    mounts: allMounts(request, { service, declared: Object.keys(images[image]?.config.Volumes ?? {}) }),
    files: serviceFiles(project, service),
    labels: containerLabels({
      project,
      name: serviceName,
      service,
      number,
      observed: request.observed,
      images,
      configHash: request.configHash?.(service),
      oneOff: oneOff !== undefined,
      replaces,
      donorIds,
    }),
    ...idOf('networkContainer', donors.network),
    ...idOf('ipcContainer', donors.ipc),
    ...idOf('pidContainer', donors.pid),
    ...(inheritFrom === undefined ? {} : { inheritVolumesFrom: inheritFrom }),
    ...(oneOff?.autoRemove ? { autoRemove: true } : {}),
  };

  function idOf<K extends string>(key: K, donor: string | undefined): { readonly [P in K]?: string } {
    if (donor === undefined) return {};
    const id = donorIds[donor];
    if (id === undefined) throw new Error(`service "${serviceName}" needs a container of "${donor}", and there is none`);
    return { [key]: id } as { readonly [P in K]: string };
  }
}

/** Own mounts win over borrowed ones at the same target. */
function allMounts(
  { project, borrowedMounts = [], inheritedVolumes }: ContainerRequest,
  { service, declared }: { service: Service; declared: readonly string[] },
): readonly MountSpec[] {
  const own = serviceMounts(project, service);
  const targets = new Set(own.map((mount) => mount.target));
  const all = [...own, ...borrowedMounts.filter((mount) => !targets.has(mount.target))];
  return inheritedVolumes === undefined ? all : withInherited(all, { volumes: inheritedVolumes, declared });
}

function replacedName(name: string, service: Service, number: number): string {
  return service.container_name ?? `${name}-${number}`;
}

import type { MountSpec } from '../engine/specs.ts';
import type { Mount, Project, Service } from '../model/project.ts';
import { byteCount } from '../model/units.ts';

/** The service's own mounts as the engine takes them. `tmpfs:` texts stay with the service. */
export function serviceMounts(project: Project, service: Service): readonly MountSpec[] {
  return (service.volumes ?? []).map((mount) => mountSpec(project, mount));
}

function mountSpec(project: Project, mount: Mount): MountSpec {
  const { target } = mount;
  const readOnly = mount.read_only ?? false;
  switch (mount.type) {
    case 'bind':
      return {
        type: 'bind',
        source: mount.source ?? '',
        target,
        readOnly,
        // A `bind` block without the key means true; without the block the path must exist.
        createHostPath: mount.bind !== undefined && mount.bind.create_host_path !== false,
        ...(mount.bind?.propagation === undefined ? {} : { propagation: mount.bind.propagation }),
        ...(mount.bind?.recursive === undefined ? {} : { recursive: mount.bind.recursive }),
        ...(mount.bind?.selinux === undefined ? {} : { selinux: mount.bind.selinux }),
      };
    case 'volume':
      return {
        type: 'volume',
        ...(mount.source ? { volume: project.volumes[mount.source]?.name ?? mount.source } : {}),
        target,
        readOnly,
        noCopy: mount.volume?.nocopy ?? false,
        ...(mount.volume?.subpath === undefined ? {} : { subpath: mount.volume.subpath }),
        ...(mount.volume?.labels === undefined ? {} : { labels: mount.volume.labels }),
      };
    case 'tmpfs':
      return {
        type: 'tmpfs',
        target,
        readOnly,
        ...(mount.tmpfs?.size === undefined ? {} : { sizeBytes: byteCount(mount.tmpfs.size) }),
        ...(mount.tmpfs?.mode === undefined ? {} : { mode: mount.tmpfs.mode }),
      };
    case 'image':
      return {
        type: 'image',
        image: mount.source ?? '',
        target,
        ...(mount.image?.subpath === undefined ? {} : { subpath: mount.image.subpath }),
      };
    case 'cluster':
    case 'npipe':
      throw new Error(`a mount of type ${mount.type} passed the planner`);
  }
}

/** Existing anonymous volumes by mount target. */
export type AnonymousVolumes = ReadonlyMap<string, string>;

/**
 * Lets mounts without a source take over existing anonymous volumes, and adds those for targets that the image declares as
 * VOLUME. Others are dropped: the new definition has no place for them.
 */
export function withInherited(
  mounts: readonly MountSpec[],
  { volumes, declared }: { volumes: AnonymousVolumes; declared: readonly string[] },
): readonly MountSpec[] {
  const taken = new Set(mounts.map((mount) => mount.target));
  return [
    ...mounts.map((mount) => {
      const volume = volumes.get(mount.target);
      return mount.type === 'volume' && mount.volume === undefined && volume !== undefined ? { ...mount, volume } : mount;
    }),
    ...declared.flatMap((target): readonly MountSpec[] => {
      const volume = volumes.get(target);
      return volume === undefined || taken.has(target)
        ? []
        : [{ type: 'volume', volume, target, readOnly: false, noCopy: false }];
    }),
  ];
}

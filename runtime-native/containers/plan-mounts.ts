import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec, ImageSummary, MountSpec, VolumeSpec } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ImageStore } from '../images/image-store.ts';
import { findVolume } from '../volumes/stored-volume.ts';
import { findContainer } from './container-rows.ts';
import type { StoredMount } from './stored-container.ts';

export interface PlannedMount {
  readonly mount: StoredMount;
  /** An anonymous volume to make. */
  readonly newVolume?: VolumeSpec;
}

/**
 * Mounts of a new container: those of the spec, then anonymous volumes for what the image declares and nothing covers.
 * Anonymous ones are taken over by target from the container that this one replaces. Missing bind sources are made where
 * the service allows it.
 */
export function planMounts(request: {
  readonly context: EngineContext;
  readonly images: ImageStore;
  readonly spec: ContainerSpec;
  readonly image: ImageSummary;
}): readonly PlannedMount[] {
  const { context, spec, image } = request;
  const covered = new Set([
    ...spec.mounts.map((one) => one.target),
    ...(spec.service.tmpfs ?? []).map((text) => text.split(':')[0] ?? ''),
    ...spec.files.map((one) => one.target),
  ]);
  const declared = Object.keys(image.config.Volumes ?? {})
    .filter((target) => !covered.has(target))
    .map((target): MountSpec => ({ type: 'volume', target, readOnly: false, noCopy: false }));
  const inherited = inheritedVolumes(context, spec.inheritVolumesFrom);
  return [...spec.mounts, ...declared].map((mount) => planMount(mount, { ...request, inherited }));
}

function planMount(
  mount: MountSpec,
  request: {
    readonly context: EngineContext;
    readonly images: ImageStore;
    readonly spec: ContainerSpec;
    readonly inherited: ReadonlyMap<string, string>;
  },
): PlannedMount {
  const { context, images, spec, inherited } = request;
  switch (mount.type) {
    case 'bind':
      if (statSync(mount.source, { throwIfNoEntry: false }) === undefined) {
        if (!mount.createHostPath) {
          throw new TscomposeError(diagnose('engine.bind-source-missing', { service: spec.serviceName, path: mount.source }));
        }
        mkdirSync(mount.source, { recursive: true });
      }
      return { mount };
    case 'tmpfs':
      return { mount };
    case 'image': {
      const image = images.inspect(mount.image);
      if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: mount.image }));
      return { mount: { ...mount, imageId: image.id } };
    }
    case 'volume': {
      const name = mount.volume ?? inherited.get(mount.target);
      if (name !== undefined) {
        const anonymous = findVolume(context.database, name)?.anonymous ?? false;
        return { mount: { ...mount, volume: name, anonymous } };
      }
      const volume = randomBytes(32).toString('hex');
      const labels = { 'com.docker.volume.anonymous': '', ...mount.labels };
      const newVolume: VolumeSpec = { name: volume, project: spec.project, driver: 'local', driverOpts: {}, labels };
      return { mount: { ...mount, volume, anonymous: true }, newVolume };
    }
  }
}

function inheritedVolumes({ database }: EngineContext, id: string | undefined): ReadonlyMap<string, string> {
  const donor = id === undefined ? undefined : findContainer(database, id);
  return new Map(
    (donor?.stored.mounts ?? []).flatMap((one) =>
      one.type === 'volume' && one.anonymous ? [[one.target, one.volume] as const] : [],
    ),
  );
}

import { join } from 'node:path';
import type { DiskUsage } from '#core/engine/store.ts';
import { observeContainers } from './containers/observe-container.ts';
import type { EngineContext } from './engine-context.ts';
import { runHelper } from './images/helper-client.ts';
import { imageUsage } from './images/image-usage.ts';
import { attachedContainers, readNetworks } from './network/stored-network.ts';
import { readVolumes, volumeData, volumeUsers } from './volumes/stored-volume.ts';

/** What takes space, and who needs it. See `EngineStore.diskUsage`. */
export async function diskUsage(context: EngineContext, signal?: AbortSignal): Promise<DiskUsage> {
  const { database, paths } = context;
  const containers = observeContainers(context);
  const volumes = readVolumes(database);
  const targets = [
    ...containers.flatMap(({ id }) => [join(paths.containerState(id), 'upper'), join(paths.containerState(id), 'log')]),
    ...volumes.map(({ name }) => volumeData(context, name)),
  ];
  const { bytes } = await runHelper({ op: 'disk-usage', paths: targets }, { helper: context.programs.helper, signal });
  const sizes = new Map(targets.map((path, index) => [path, (bytes as readonly number[])[index] ?? 0])); // parser: our own helper's list
  const sizeOf = (path: string): number => sizes.get(path) ?? 0;
  return {
    ...imageUsage({ database, paths, helper: context.programs.helper }),
    containers: containers.map(({ id, name, project, service, state, image, imageId }) => {
      const directory = paths.containerState(id);
      const writableBytes = sizeOf(join(directory, 'upper'));
      return { id, name, project, service, state, image, imageId, writableBytes, logBytes: sizeOf(join(directory, 'log')) };
    }),
    volumes: volumes.map(({ name, project, anonymous }) => ({
      name,
      ...(project === undefined ? {} : { project }),
      anonymous,
      sizeBytes: sizeOf(volumeData(context, name)),
      usedBy: volumeUsers(database, name).map((one) => one.name),
    })),
    networks: readNetworks(database).map(({ id, name, project }) => ({
      name,
      ...(project === undefined ? {} : { project }),
      usedBy: attachedContainers(database, id).map((one) => one.name),
    })),
  };
}

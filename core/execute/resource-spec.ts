import type { NetworkSpec, VolumeSpec } from '../engine/specs.ts';
import { composeLabel, ownLabel } from '../model/labels.ts';
import type { Network, Project, Volume } from '../model/project.ts';
import { networkHash, volumeHash } from '../model/resource-hash.ts';
import { version } from './version.ts';

/** What the engine is asked to make of a network of the file; `configHash` is Docker Compose's own hash of it. */
export function networkSpec(project: Project, key: string, configHash?: (network: Network) => string): NetworkSpec {
  const network = project.networks[key];
  if (network === undefined) throw new Error(`the plan creates network "${key}", which the project does not have`);
  const hash = networkHash(network);
  return {
    name: network.name,
    project: project.name,
    driver: network.driver ?? 'bridge',
    driverOpts: network.driver_opts ?? {},
    internal: network.internal ?? false,
    attachable: network.attachable ?? false,
    enableIpv4: network.enable_ipv4 ?? true,
    enableIpv6: network.enable_ipv6 ?? false,
    pools: (network.ipam?.config ?? []).map((pool) => ({
      ...(pool.subnet === undefined ? {} : { subnet: pool.subnet }),
      ...(pool.gateway === undefined ? {} : { gateway: pool.gateway }),
      ...(pool.ip_range === undefined ? {} : { ipRange: pool.ip_range }),
      ...(pool.aux_addresses === undefined ? {} : { auxAddresses: pool.aux_addresses }),
    })),
    labels: {
      ...network.labels,
      [composeLabel.network]: key,
      [composeLabel.project]: project.name,
      [composeLabel.version]: version,
      [composeLabel.configHash]: configHash?.(network) ?? hash,
      [ownLabel.hash]: hash,
    },
  };
}

/** What the engine is asked to make of a volume of the file. */
export function volumeSpec(project: Project, key: string, configHash?: (volume: Volume) => string): VolumeSpec {
  const volume = project.volumes[key];
  if (volume === undefined) throw new Error(`the plan creates volume "${key}", which the project does not have`);
  const hash = volumeHash(volume);
  return {
    name: volume.name,
    project: project.name,
    driver: volume.driver ?? 'local',
    driverOpts: volume.driver_opts ?? {},
    labels: {
      ...volume.labels,
      [composeLabel.volume]: key,
      [composeLabel.project]: project.name,
      [composeLabel.version]: version,
      [composeLabel.configHash]: configHash?.(volume) ?? hash,
      [ownLabel.hash]: hash,
    },
  };
}

import { join } from 'node:path';
import type { AddressDetails, ContainerDetails, MountDetails, NetworkDetails } from '#core/engine/details.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { buildProcess } from '../bundle/bundle.ts';
import type { EngineContext } from '../engine-context.ts';
import { parseSubnet } from '../network/ip-address.ts';
import { readNetworks, type StoredNetwork } from '../network/stored-network.ts';
import { volumeData } from '../volumes/stored-volume.ts';
import { containerStatus } from './alive.ts';
import { type ContainerRow, requireContainer } from './container-rows.ts';
import { networkFiles } from './network-files.ts';
import { observeContainer, readTables } from './observe-container.ts';
import { containerHostname } from './plan-launch.ts';
import type { StoredMount } from './stored-container.ts';

/** All that is known of one container, from its row, its status and the tables. */
export async function inspectContainer(context: EngineContext, id: string): Promise<ContainerDetails> {
  const { database, paths } = context;
  const row = requireContainer(database, id);
  const { stored } = row;
  const container = observeContainer(context, row, readTables(database));
  const current = containerStatus(context, id);
  const status = current.kind === 'none' ? undefined : current.status;
  const state = paths.containerState(id);
  const files = networkFiles(paths.containerState(stored.spec.networkContainer ?? id));
  const hostname = containerHostname(context, row);
  const { capabilities } = context.facts();
  const first = buildProcess(stored, { hostname, capabilities, mounts: { ...files, sources: {} } });
  const images = await context.images();
  return {
    container,
    spec: stored.spec,
    imageConfig: stored.image.config,
    env: first.env.filter((one) => !one.startsWith('HOSTNAME=')),
    user: stored.spec.service.user ?? stored.image.config.User ?? '',
    workingDir: first.cwd,
    hostname,
    ...(current.kind === 'live' ? { supervisorPid: current.status.supervisorPid } : {}),
    ...(status?.health === undefined ? {} : { health: status.health }),
    mounts: stored.mounts.map((mount) => mountDetails(context, mount)),
    networks: networkDetails(row, container, readNetworks(database)),
    files: {
      ...files,
      log: join(state, 'log'),
      upper: join(state, 'upper'),
      work: join(state, 'work'),
      lower: images.lowerDirectories(stored.image.id),
    },
  };
}

function mountDetails(context: EngineContext, mount: StoredMount): MountDetails {
  const shared = { type: mount.type, target: mount.target, readOnly: mount.type === 'image' || mount.readOnly };
  switch (mount.type) {
    case 'bind':
      return { ...shared, source: mount.source, propagation: mount.propagation || 'rprivate' };
    case 'volume':
      return { ...shared, name: mount.volume, source: volumeData(context, mount.volume), propagation: '' };
    case 'image':
      return { ...shared, source: mount.image, propagation: '' };
    case 'tmpfs':
      return { ...shared, source: '', propagation: '' };
  }
}

function networkDetails(
  row: ContainerRow,
  container: ObservedContainer,
  networks: readonly StoredNetwork[],
): readonly NetworkDetails[] {
  return row.stored.networks.map(({ id, name }, index) => {
    const endpoint = container.endpoints[index];
    const network = networks.find((one) => one.id === id);
    const [ipv4, ipv6] = [addressDetails(endpoint?.ipv4, network), addressDetails(endpoint?.ipv6, network)];
    return {
      name: network?.name ?? name,
      id,
      aliases: endpoint?.aliases ?? [],
      ...(endpoint?.mac === undefined ? {} : { mac: endpoint.mac }),
      ...(ipv4 === undefined ? {} : { ipv4 }),
      ...(ipv6 === undefined ? {} : { ipv6 }),
    };
  });
}

function addressDetails(address: string | undefined, network: StoredNetwork | undefined): AddressDetails | undefined {
  if (address === undefined) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const pools = (network?.subnets ?? []).map(({ cidr, gateway }) => ({ subnet: parseSubnet(cidr), gateway }));
  const pool = pools.find(({ subnet }) => subnet?.family === family);
  return { address, prefixLength: pool?.subnet?.length ?? 0, gateway: pool?.gateway ?? '' };
}

import type { ObservedContainer } from '../../observe/observed.ts';
import type { ContainerDetails } from '../details.ts';
import type { MemoryContainer } from './container.ts';

/** What an engine tells of one container; nothing of it is on a disk. */
export function memoryDetails({ spec, image }: MemoryContainer, container: ObservedContainer): ContainerDetails {
  const { service } = spec;
  return {
    container,
    spec,
    imageConfig: image.config,
    env: [
      ...(image.config.Env ?? []),
      ...Object.entries(service.environment ?? {}).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])),
    ],
    user: service.user ?? image.config.User ?? '',
    workingDir: service.working_dir ?? image.config.WorkingDir ?? '/',
    hostname: service.hostname ?? container.id.slice(0, 12),
    ...(container.health === undefined ? {} : { health: { failingStreak: 0, log: [] } }),
    mounts: container.mounts.map((mount) => ({
      type: mount.type,
      ...(mount.type === 'volume' ? { name: mount.source } : {}),
      source: mount.source,
      target: mount.target,
      readOnly: false,
      propagation: '',
    })),
    networks: container.endpoints.map((endpoint) => ({
      name: endpoint.network,
      id: endpoint.network,
      aliases: endpoint.aliases,
      ...(endpoint.ipv4 === undefined
        ? {}
        : { ipv4: { address: endpoint.ipv4, prefixLength: 24, gateway: endpoint.ipv4.replace(/\d+$/, '1') } }),
    })),
    files: { resolvConf: '', hostname: '', hosts: '', log: '', upper: '', work: '', lower: [] },
  };
}

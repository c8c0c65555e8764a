import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Exposure, reachOf } from '#core/engine/exposure.ts';
import { containerStatus } from '../containers/alive.ts';
import { type ContainerRow, readContainers } from '../containers/container-rows.ts';
import type { EngineContext } from '../engine-context.ts';
import { hostListeners, type Listener } from '../host/listeners.ts';
import { type HeldRow, readPublished } from './published-rows.ts';
import { readNetworks, type StoredNetwork } from './stored-network.ts';

/** Every way into a running container of any project, from loopback to the whole world. */
export function listExposure(context: EngineContext): readonly Exposure[] {
  const ports = Map.groupBy(readPublished(context.database), (row) => row.container);
  const networks = new Map(readNetworks(context.database).map((one) => [one.id, one]));
  const listeners = hostListeners();
  return readContainers(context.database).flatMap((row): readonly Exposure[] => {
    const current = containerStatus(context, row.id);
    if (current.kind !== 'live') return [];
    const own = { project: row.project, service: row.service, container: row.name };
    return [
      ...(ports.get(row.id) ?? []).map((port) => published(own, port)),
      ...macvlanAddresses(context, row, networks).map(
        (address): Exposure => ({ ...own, address, reach: 'address', through: 'macvlan' }),
      ),
      ...(isInHostNetwork(current.status.pid) ? listenersOf(current.status.pid, listeners) : []).map(
        ({ address, port, protocol }): Exposure => {
          const text = address === '0.0.0.0' || address === '::' ? '*' : address;
          return { ...own, address: text, port, protocol, reach: reachOf(text), through: 'host-network' };
        },
      ),
    ];
  });
}

function published(own: Pick<Exposure, 'project' | 'service' | 'container'>, row: HeldRow): Exposure {
  const address = row.hostIp === '' ? '*' : row.hostIp;
  const reach = reachOf(address);
  return {
    ...own,
    address,
    port: row.hostPort,
    protocol: row.protocol,
    containerPort: row.containerPort,
    reach,
    through: reach === 'loopback' ? 'loopback-proxy' : 'address-translation',
  };
}

function macvlanAddresses(
  { database }: EngineContext,
  row: ContainerRow,
  networks: ReadonlyMap<string, StoredNetwork>,
): readonly string[] {
  return row.stored.networks.flatMap(({ id }) =>
    networks.get(id)?.spec.driver === 'macvlan'
      ? database
          .prepare('SELECT address FROM leases WHERE container = ? AND network = ?')
          .all(row.id, id)
          .map((lease) => String(lease['address']))
      : [],
  );
}

/** Also of a container that shares the namespace of one with `network_mode: host`. */
function isInHostNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    // It has ended meanwhile, or waits for its restart.
    return false;
  }
}

/** Sockets of the host that a process or one of its descendants listens on. */
function listenersOf(pid: number, listeners: readonly Listener[]): readonly Listener[] {
  const inodes = new Set(processTree(pid).flatMap(socketInodes));
  return listeners.filter((one) => inodes.has(one.inode));
}

function processTree(pid: number): readonly number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  } catch {
    // It has ended meanwhile.
    return [];
  }
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(processTree)];
}

function socketInodes(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [Number(inode)];
    });
  } catch {
    // The process or one of its files ended while we looked.
    return [];
  }
}

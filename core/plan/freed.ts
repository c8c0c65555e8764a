import type { Project, Service } from '../model/project.ts';
import type { ObservedContainer } from '../observe/observed.ts';
import { publishedRange } from '../observe/query.ts';
import type { Node } from './draft.ts';

/** Ports and addresses that containers of the project hold until the plan stops them. */
export interface Freed {
  /** Stops that must be over before a container of this service can start. */
  readonly neededBy: (project: Project, service: Service) => readonly Node[];
}

/** A port or fixed address may move from one service to another in one plan: the new holder starts after the old one's stop. */
export function trackFreed(stops: readonly (readonly [ObservedContainer, Node])[]): Freed {
  const ports = new Map<number, Node[]>();
  const addresses = new Map<string, Node[]>();
  for (const [container, node] of stops) {
    for (const { hostPort } of container.ports) if (hostPort !== undefined) push(ports, hostPort, node);
    for (const { network, ipv4, ipv6 } of container.endpoints) {
      for (const address of [ipv4, ipv6]) if (address !== undefined) push(addresses, `${network} ${address}`, node);
    }
  }
  return {
    neededBy(project, service) {
      const needed = new Set<Node>();
      for (const port of ports.size === 0 ? [] : (service.ports ?? [])) {
        const range = publishedRange(port);
        for (const [held, nodes] of range === undefined ? [] : ports) {
          // Protocol and host address do not matter: waiting for a stop too many does no harm.
          if (range !== undefined && held >= range.first && held <= range.last) for (const node of nodes) needed.add(node);
        }
      }
      for (const [key, endpoint] of Object.entries(service.networks ?? {})) {
        for (const address of [endpoint?.ipv4_address, endpoint?.ipv6_address]) {
          if (address === undefined) continue;
          for (const node of addresses.get(`${project.networks[key]?.name} ${address}`) ?? []) needed.add(node);
        }
      }
      return [...needed];
    },
  };
}

function push<K>(map: Map<K, Node[]>, key: K, node: Node): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}

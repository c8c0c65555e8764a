import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Network, Project } from '../model/project.ts';
import { diagnose } from './catalogue.ts';

/** The kernel's BR_MAX_PORTS less the one that it keeps for itself. */
const bridgePorts = 1023;

/**
 * Networks that will have more containers than they hold, by their bridge or by the addresses that are written for them.
 * `replicas`: of the services of the plan; what others are attached makes it worse, never better.
 */
export function checkNetworks({
  project,
  replicas,
}: {
  project: Project;
  replicas: ReadonlyMap<string, number>;
}): readonly Diagnostic[] {
  return Object.entries(project.networks).flatMap(([key, network]) => {
    if (network.external) return [];
    const users = [...replicas].filter(([service]) => project.services[service]?.networks?.[key] !== undefined);
    const containers = sum(users.map(([, count]) => count));
    if (network.driver !== 'macvlan' && containers > bridgePorts) {
      return [diagnose('plan.network-full', { network: network.name, containers, limit: `a bridge has ${bridgePorts} ports` })];
    }
    // A written address need not lie in the range that others are chosen from.
    const choosing = users.filter(([service]) => !project.services[service]?.networks?.[key]?.ipv4_address);
    const wanted = sum(choosing.map(([, count]) => count));
    const room = addressesOf(network);
    if (room === undefined || wanted <= room.count) return [];
    return [
      diagnose('plan.network-full', {
        network: network.name,
        containers: wanted,
        limit: `its addresses, ${room.ranges.join(' and ')}, suffice for ${room.count}`,
      }),
    ];
  });
}

/** How many containers can get an IPv4 address of the written subnets at most; undefined when the engine chooses one. */
function addressesOf(network: Network): { readonly count: number; readonly ranges: readonly string[] } | undefined {
  const pools = (network.ipam?.config ?? []).filter((pool) => pool.subnet?.includes('.'));
  if (pools.length === 0) return undefined;
  const counts = pools.map(({ subnet, ip_range }) => {
    const size = 2 ** (32 - Number((ip_range ?? subnet ?? '').split('/')[1] ?? 32));
    // Network, gateway and broadcast address; a range need not have them.
    return ip_range === undefined ? Math.max(0, size - 3) : size;
  });
  return { count: sum(counts), ranges: pools.map((pool) => pool.ip_range ?? pool.subnet ?? '') };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

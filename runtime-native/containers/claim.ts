import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Port } from '#core/model/project.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { readHostSettings } from '../host/host-settings.ts';
import { claimPorts } from '../network/claim-ports.ts';
import { gatewayEndpoint, type LeasedEndpoint } from '../network/endpoints.ts';
import { leaseAddresses } from '../network/leases.ts';
import type { PublishedRow } from '../network/published-ports.ts';
import { deletePublished } from '../network/published-rows.ts';
import type { StoredNetwork } from '../network/stored-network.ts';
import { holdsResources } from './alive.ts';
import { type ContainerRow, setDesired } from './container-rows.ts';

/** What a container holds while it runs. */
export interface Claim {
  readonly endpoints: readonly LeasedEndpoint[];
  readonly ports: readonly PublishedRow[];
}

/**
 * Takes addresses and host ports for a start, and marks the container as wanted running: one transaction, all or nothing.
 * From here on it counts as alive, so its old final status goes first.
 */
export function claimForStart(context: EngineContext, row: ContainerRow, networks: readonly StoredNetwork[]): Claim {
  const { database, paths } = context;
  const { spec } = row.stored;
  return transaction(database, () => {
    const isHolding = holdsResources(context);
    const endpoints = spec.endpoints.flatMap((endpoint): LeasedEndpoint[] => {
      const network = networks.find((one) => one.name === endpoint.network);
      if (network === undefined) return [];
      const { ipv4Address, ipv6Address } = endpoint;
      const searched = context.searchedLeases;
      const request = { database, network, container: row.id, ipv4Address, ipv6Address, searched, isAlive: isHolding };
      return [{ spec: endpoint, network, ...leaseAddresses(request) }];
    });
    // Containers of a macvlan network are reached under their own addresses: nothing of the host leads to them.
    const bridged = endpoints.filter((one) => one.network.spec.driver !== 'macvlan');
    const outward = gatewayEndpoint(bridged);
    const outward6 = gatewayEndpoint(bridged.filter((one) => one.ipv6 !== undefined));
    const hostBinding = outward?.network.spec.driverOpts['com.docker.network.bridge.host_binding_ipv4'];
    const ports = claimPorts({
      database,
      container: row,
      ports: outward === undefined ? [] : withDefaultAddress(context, spec.service.ports ?? [], hostBinding),
      containerIp: outward?.ipv4?.address,
      containerIp6: outward6?.ipv6?.address,
      defaultHostIp: hostBinding ?? '',
      holdsResources: isHolding,
      isSibling: siblingTest(database, row),
    });
    // Tells a start that is under way from a host that was restarted (which empties the run directory).
    mkdirSync(paths.containerRun(row.id), { recursive: true, mode: 0o700 });
    setDesired(database, row.id, 'running');
    rmSync(join(paths.containerState(row.id), 'status.json'), { force: true });
    rmSync(join(paths.containerRun(row.id), 'status.json'), { force: true });
    return { endpoints, ports };
  });
}

/** Ports without an address are the loopback interface's where the machine's settings say so and the network does not say other. */
function withDefaultAddress(context: EngineContext, ports: readonly Port[], hostBinding: string | undefined): readonly Port[] {
  const isOpen = hostBinding !== undefined || ports.every((one) => one.host_ip);
  if (isOpen || readHostSettings(context.env).defaultHostAddress === 'any') return ports;
  return ports.flatMap((port): readonly Port[] => {
    if (port.host_ip) return [port];
    // Two free ports, one for each family, could have different numbers.
    const hasIpv6 = context.facts().hasIpv6 && /^[1-9]\d*$/.test(port.published ?? '');
    return [{ ...port, host_ip: '127.0.0.1' }, ...(hasIpv6 ? [{ ...port, host_ip: '::1' }] : [])];
  });
}

/** Whether a container is another replica of a container's service; one-off containers are nobody's replica. */
function siblingTest(database: DatabaseSync, row: ContainerRow): (container: string) => boolean {
  if (row.oneOff) return () => false;
  const rows = database
    .prepare('SELECT id FROM containers WHERE project = ? AND service = ? AND one_off = 0 AND id <> ?')
    .all(row.project, row.service, row.id);
  const ids = new Set(rows.map((one) => String(one['id'])));
  return (container) => ids.has(container);
}

/**
 * Before a container is stopped: ports that other containers share go on without it, so that no new connection meets a
 * process that is ending. Ports of its own stay claimed until it has ended.
 */
export async function leaveSharedPorts(context: EngineContext, id: string): Promise<void> {
  const left = context.database
    .prepare(
      `DELETE FROM published_ports WHERE container = ? AND EXISTS (
         SELECT 1 FROM published_ports other WHERE other.container <> published_ports.container
         AND other.host_ip = published_ports.host_ip AND other.host_port = published_ports.host_port
         AND other.protocol = published_ports.protocol)`,
    )
    .run(id).changes;
  if (left > 0) await context.firewall.sync();
}

/** Gives ports back after a container has ended; its addresses stay leased until somebody needs them. */
export async function releasePorts(context: EngineContext, id: string): Promise<void> {
  if (deletePublished(context.database, id)) await context.firewall.sync();
}

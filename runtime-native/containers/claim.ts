import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
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
      const request = { database, network, container: row.id, ipv4Address, ipv6Address, isAlive: isHolding };
      return [{ spec: endpoint, network, ...leaseAddresses(request) }];
    });
    const outward = gatewayEndpoint(endpoints);
    const ports = claimPorts({
      database,
      container: row,
      ports: outward === undefined ? [] : (spec.service.ports ?? []),
      containerIp: outward?.ipv4?.address,
      containerIp6: outward?.ipv6?.address,
      defaultHostIp: outward?.network.spec.driverOpts['com.docker.network.bridge.host_binding_ipv4'] ?? '',
      holdsResources: isHolding,
    });
    // Tells a start that is under way from a host that was restarted (which empties the run directory).
    mkdirSync(paths.containerRun(row.id), { recursive: true, mode: 0o700 });
    setDesired(database, row.id, 'running');
    rmSync(join(paths.containerState(row.id), 'status.json'), { force: true });
    rmSync(join(paths.containerRun(row.id), 'status.json'), { force: true });
    return { endpoints, ports };
  });
}

/** Gives ports back after a container has ended; its addresses stay leased until somebody needs them. */
export async function releasePorts(context: EngineContext, id: string): Promise<void> {
  if (deletePublished(context.database, id)) await context.firewall.sync();
}

import type { DatabaseSync } from 'node:sqlite';
import { transaction } from '../host/database.ts';
import { runProgramNow } from '../host/run-program.ts';
import { type FirewallState, firewallScript } from './firewall-rules.ts';
import { type PublishedRow, readPublished } from './published-rows.ts';
import { readNetworks } from './stored-network.ts';

export interface FirewallKeeper {
  /**
   * Makes the kernel's table equal to the database. Calls of the same moment share one transaction. Call it after the
   * database has changed; it resolves when a state not older than that is in force.
   */
  sync(): Promise<void>;
}

/** Keeps our nftables table. It does nothing (spawns nothing) until the first `sync`. */
export function firewallKeeper(database: DatabaseSync, table: string): FirewallKeeper {
  let pending: Promise<void> | undefined;
  let applied: string | undefined;
  return {
    sync() {
      // Everyone who asks before the batch runs is served by it: it reads the database when it runs.
      pending ??= nextTurn().then(() => {
        pending = undefined;
        applied = apply(database, { table, applied });
      });
      return pending;
    },
  };
}

/**
 * Under the database's write lock, so that of two processes the one that reads last also writes last. The table is
 * always written on the first call: after a reboot or a flushed rule set it is missing, whatever the database says.
 */
function apply(database: DatabaseSync, request: { table: string; applied: string | undefined }): string {
  return transaction(database, () => {
    const script = firewallScript(readState(database, request.table));
    if (script !== request.applied) runProgramNow({ argv: ['nft', '-f', '-'], input: script });
    return script;
  });
}

function readState(database: DatabaseSync, table: string): FirewallState {
  const networks = readNetworks(database)
    .filter((one) => one.spec.driver !== 'macvlan')
    .map((network) => ({
      bridge: network.bridge,
      internal: network.spec.internal,
      masquerade: network.spec.driverOpts['com.docker.network.bridge.enable_ip_masquerade'] !== 'false',
      subnets: network.subnets.map((one) => one.cidr),
    }));
  const ports: readonly PublishedRow[] = readPublished(database);
  return { table, networks, ports };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { DatabaseSync } from 'node:sqlite';
import { transaction } from '../host/database.ts';
import { runProgramNow } from '../host/run-program.ts';
import type { FirewallPort } from './firewall-ports.ts';
import { type FirewallState, firewallScript } from './firewall-rules.ts';
import { readPublished } from './published-rows.ts';
import { readNetworks } from './stored-network.ts';

export interface FirewallKeeper {
  /**
   * Makes the kernel's table equal to the database. Calls of the same moment share one transaction. Call it after the
   * database has changed; it resolves when a state not older than that is in force.
   */
  sync(): Promise<void>;
}

/** How a container that has ports stands to new connections: none of one that has ended keeps its place in the table. */
export type Door = 'open' | 'closed' | 'gone';

interface KeeperRequest {
  readonly database: DatabaseSync;
  readonly table: string;
  readonly doorOf: (container: string) => Door;
}

/** Keeps our nftables table. It does nothing (spawns nothing) until the first `sync`. */
export function firewallKeeper(request: KeeperRequest): FirewallKeeper {
  let pending: Promise<void> | undefined;
  let applied: string | undefined;
  return {
    sync() {
      // Everyone who asks before the batch runs is served by it: it reads the database when it runs.
      pending ??= nextTurn().then(() => {
        pending = undefined;
        applied = apply(request, applied);
      });
      return pending;
    },
  };
}

/**
 * Under the database's write lock, so that of two processes the one that reads last also writes last. The table is
 * always written on the first call: after a reboot or a flushed rule set it is missing, whatever the database says.
 */
function apply(request: KeeperRequest, applied: string | undefined): string {
  return transaction(request.database, () => {
    const script = firewallScript(readState(request));
    if (script !== applied) runProgramNow({ argv: ['nft', '-f', '-'], input: script });
    return script;
  });
}

function readState({ database, table, doorOf }: KeeperRequest): FirewallState {
  const networks = readNetworks(database)
    .filter((one) => one.spec.driver !== 'macvlan')
    .map((network) => ({
      bridge: network.bridge,
      internal: network.spec.internal,
      masquerade: network.spec.driverOpts['com.docker.network.bridge.enable_ip_masquerade'] !== 'false',
      subnets: network.subnets.map((one) => one.cidr),
    }));
  const doors = new Map<string, Door>();
  const ports = readPublished(database).flatMap((row): readonly FirewallPort[] => {
    const door = doors.get(row.container) ?? doorOf(row.container);
    doors.set(row.container, door);
    return door === 'gone' ? [] : [{ ...row, isOpen: door === 'open' }];
  });
  return { table, networks, ports };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { NetworkSpec } from '#core/engine/specs.ts';

type Row = Readonly<Record<string, unknown>>;

/** A network as the database knows it. */
export interface StoredNetwork {
  readonly id: string;
  readonly name: string;
  readonly project: string | undefined;
  readonly bridge: string;
  readonly spec: NetworkSpec & { readonly mtu: number };
  readonly subnets: readonly { readonly cidr: string; readonly gateway: string }[];
}

/** All networks, by name. */
export function readNetworks(database: DatabaseSync): readonly StoredNetwork[] {
  const subnets = Map.groupBy(database.prepare('SELECT network, cidr, gateway FROM subnets ORDER BY rowid').all(), (row) =>
    String(row['network']),
  );
  const rows = database.prepare(`SELECT ${columns} FROM networks ORDER BY name`).all();
  return rows.map((row) => stored(row, subnets.get(String(row['id'])) ?? []));
}

const columns = 'id, name, project, bridge, spec';

function stored(row: Row, subnets: readonly Row[]): StoredNetwork {
  return {
    id: String(row['id']),
    name: String(row['name']),
    project: row['project'] === null ? undefined : String(row['project']),
    bridge: String(row['bridge']),
    spec: JSON.parse(String(row['spec'])) as StoredNetwork['spec'], // only createNetwork writes it
    subnets: subnets.map((one) => ({ cidr: String(one['cidr']), gateway: String(one['gateway']) })),
  };
}

/** One network by its engine name; throws `engine.network-not-found`. */
export function requireNetwork(database: DatabaseSync, name: string): StoredNetwork {
  const found = findNetwork(database, name);
  if (found === undefined) throw new TscomposeError(diagnose('engine.network-not-found', { name }));
  return found;
}

export function findNetwork(database: DatabaseSync, name: string): StoredNetwork | undefined {
  const row = database.prepare(`SELECT ${columns} FROM networks WHERE name = ?`).get(name);
  if (row === undefined) return undefined;
  const subnets = database.prepare('SELECT cidr, gateway FROM subnets WHERE network = ? ORDER BY rowid').all(String(row['id']));
  return stored(row, subnets);
}

/** Containers, running or not, that are attached to a network. */
export function attachedContainers(database: DatabaseSync, networkId: string): readonly { id: string; name: string }[] {
  return database
    .prepare(
      `SELECT c.id, c.name FROM containers c, json_each(c.spec, '$.networks') n
       WHERE json_extract(n.value, '$.id') = ? ORDER BY c.name`,
    )
    .all(networkId)
    .map((row) => ({ id: String(row['id']), name: String(row['name']) }));
}

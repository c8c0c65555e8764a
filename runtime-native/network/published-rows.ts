import type { DatabaseSync } from 'node:sqlite';
import type { Protocol, PublishedRow } from './published-ports.ts';

export type { PublishedRow } from './published-ports.ts';

export type HeldRow = PublishedRow & { readonly container: string };

/** Published ports of every container that has claimed them, or of one; in a stable order. */
export function readPublished(database: DatabaseSync, container?: string): readonly HeldRow[] {
  const columns = 'container, host_ip, host_port, protocol, container_port, container_ip, container_ip6';
  const order = 'ORDER BY container, protocol, host_port, host_ip';
  const rows =
    container === undefined
      ? database.prepare(`SELECT ${columns} FROM published_ports ${order}`).all()
      : database.prepare(`SELECT ${columns} FROM published_ports WHERE container = ? ${order}`).all(container);
  return rows.map((row) => ({
    container: String(row['container']),
    hostIp: String(row['host_ip']),
    hostPort: Number(row['host_port']),
    protocol: String(row['protocol']) as Protocol, // only we write this table
    containerPort: Number(row['container_port']),
    containerIp: row['container_ip'] === null ? undefined : String(row['container_ip']),
    containerIp6: row['container_ip6'] === null ? undefined : String(row['container_ip6']),
  }));
}

export function insertPublished(database: DatabaseSync, row: HeldRow): void {
  database
    .prepare(
      'INSERT INTO published_ports (container, host_ip, host_port, protocol, container_port, container_ip, container_ip6) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      row.container,
      row.hostIp,
      row.hostPort,
      row.protocol,
      row.containerPort,
      row.containerIp ?? null,
      row.containerIp6 ?? null,
    );
}

/** Gives a container's ports back; tells whether there were any. */
export function deletePublished(database: DatabaseSync, container: string): boolean {
  return database.prepare('DELETE FROM published_ports WHERE container = ?').run(container).changes > 0;
}

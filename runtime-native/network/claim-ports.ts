import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Port } from '#core/model/project.ts';
import { hostListeners, hostSockets, type Listener, socketHolder } from '../host/listeners.ts';
import {
  addressesMeet,
  chooseHostPort,
  type PortClaim,
  type PublishedRow,
  type WantedPort,
  wantedPort,
} from './published-ports.ts';
import { deletePublished, insertPublished, readPublished } from './published-rows.ts';

export interface ClaimRequest {
  readonly database: DatabaseSync;
  readonly container: { readonly id: string; readonly name: string };
  readonly ports: readonly Port[];
  readonly containerIp: string | undefined;
  readonly containerIp6: string | undefined;
  /** Address that ports without one are bound to (a network's driver option). */
  readonly defaultHostIp: string;
  readonly holdsResources: (container: string) => boolean;
  /** Replicas of the same service: a fixed port that one of them has is shared, the kernel spreads connections. */
  readonly isSibling: (container: string) => boolean;
}

/**
 * Claims host ports for a container, inside the caller's transaction. Rejects with `engine.port-taken`, naming the process
 * or container in the way, or `engine.no-free-port`.
 */
export function claimPorts(request: ClaimRequest): readonly PublishedRow[] {
  const { database, container } = request;
  deletePublished(database, container.id);
  if (request.ports.length === 0) return [];
  const all = readPublished(database);
  const rows = all.filter((row) => request.holdsResources(row.container));
  // A replica that died without us would still get its share.
  for (const row of all) {
    if (request.isSibling(row.container) && !rows.includes(row)) deletePublished(database, row.container);
  }
  const listeners = hostListeners();
  const claims: PortClaim[] = [
    ...rows.map((row) => ({ hostIp: row.hostIp, port: row.hostPort, protocol: row.protocol })),
    ...listeners.map(socketClaim),
  ];
  const claimed: PublishedRow[] = [];
  const seen = new Set<string>();
  for (const port of request.ports) {
    const wanted = wantedPort(port.host_ip ? port : { ...port, host_ip: request.defaultHostIp });
    const key = `${wanted.hostIp} ${wanted.first} ${wanted.last} ${wanted.containerPort} ${wanted.protocol}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const isShared = rows.some((row) => request.isSibling(row.container) && isSamePort(row, wanted));
    const isFixed = Boolean(wanted.first) && wanted.first === wanted.last;
    // Where we have a choice, ports of connections going out are not free either.
    const avoided = isFixed ? claims : [...claims, ...hostSockets().map(socketClaim)];
    const hostPort = isShared ? wanted.first : chooseHostPort(wanted, avoided, randomInt(1 << 30));
    if (hostPort === undefined) {
      const range = wanted.first ? `${wanted.first}-${wanted.last}` : 'the ephemeral range';
      if (!isFixed) {
        throw new TscomposeError(diagnose('engine.no-free-port', { name: container.name, range }));
      }
      const place = { hostIp: wanted.hostIp, port: Number(wanted.first), protocol: wanted.protocol };
      const text = `${wanted.hostIp === '' ? '' : `${wanted.hostIp}:`}${wanted.first}/${wanted.protocol}`;
      const holder = holderText(request, { place, rows, listeners });
      throw new TscomposeError(diagnose('engine.port-taken', { name: container.name, port: text, holder }));
    }
    claims.push({ hostIp: wanted.hostIp, port: hostPort, protocol: wanted.protocol });
    const row: PublishedRow = {
      hostIp: wanted.hostIp,
      hostPort,
      protocol: wanted.protocol,
      containerPort: wanted.containerPort,
      containerIp: request.containerIp,
      containerIp6: request.containerIp6,
    };
    insertPublished(database, { ...row, container: container.id });
    claimed.push(row);
  }
  return claimed;
}

function socketClaim({ address, port, protocol }: Listener): PortClaim {
  return { hostIp: address, port, protocol };
}

function isSamePort(row: PublishedRow, wanted: WantedPort): boolean {
  return (
    wanted.first === wanted.last &&
    row.hostPort === wanted.first &&
    row.hostIp === wanted.hostIp &&
    row.protocol === wanted.protocol &&
    row.containerPort === wanted.containerPort
  );
}

function holderText(
  { database, container }: ClaimRequest,
  found: { place: PortClaim; rows: readonly (PublishedRow & { container: string })[]; listeners: readonly Listener[] },
): string {
  const { place } = found;
  const row = found.rows.find(
    (one) => one.hostPort === place.port && one.protocol === place.protocol && addressesMeet(one.hostIp, place.hostIp),
  );
  if (row !== undefined && row.container !== container.id) {
    const holder = database.prepare('SELECT project, name FROM containers WHERE id = ?').get(row.container);
    return `container "${String(holder?.['name'])}" of project "${String(holder?.['project'])}"`;
  }
  const listener = found.listeners.find(
    (one) => one.port === place.port && one.protocol === place.protocol && addressesMeet(one.address, place.hostIp),
  );
  const holder = listener && socketHolder(listener.inode);
  return holder === undefined ? 'another process' : `process ${holder.pid} (${holder.process})`;
}

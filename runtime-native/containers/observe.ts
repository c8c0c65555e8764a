import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { HostPort, Observed, ObservedNetwork, ObservedVolume, ObserveQuery, PortHolder } from '#core/observe/observed.ts';
import type { EngineContext } from '../engine-context.ts';
import { hostListeners, type Listener, socketHolder } from '../host/listeners.ts';
import { addressesMeet } from '../network/published-ports.ts';
import { readPublished } from '../network/published-rows.ts';
import { attachedContainers, readNetworks } from '../network/stored-network.ts';
import { readVolumes, volumeUsers } from '../volumes/stored-volume.ts';
import { holdsResources } from './alive.ts';
import { judgeService } from './judge-service.ts';
import { observeContainers } from './observe-container.ts';
import { removeGone } from './remove-gone.ts';
import { sweep } from './sweep.ts';

/** One reading of everything that a plan for a project depends on, after repairing what killed processes left. */
export async function observe(context: EngineContext, query: ObserveQuery, signal?: AbortSignal): Promise<Observed> {
  signal?.throwIfAborted();
  await sweep(context, query.project);
  await removeGone(context, query.project);
  return {
    project: query.project,
    containers: observeContainers(context, query.project),
    networks: observeNetworks(context, query),
    volumes: observeVolumes(context, query),
    images: query.images.length === 0 ? {} : await observeImages(context, query.images),
    heldPorts: query.ports.length === 0 ? [] : heldPorts(context, query),
    refusals: refusals(context, query),
    fileDigests: Object.fromEntries(query.files.map((path) => [path, fileDigest(path)])),
  };
}

/** Judged before anything is made: a plan with one of these is not carried out. */
function refusals(context: EngineContext, query: ObserveQuery): NonNullable<Observed['refusals']> {
  const judged = Object.entries(query.services ?? {}).map(([name, service]) => {
    const errors = judgeService(name, service, context.facts()).filter((one) => one.severity === 'error');
    return [name, errors] as const;
  });
  return Object.fromEntries(judged.filter(([, errors]) => errors.length > 0));
}

function observeNetworks({ database }: EngineContext, query: ObserveQuery): readonly ObservedNetwork[] {
  return readNetworks(database)
    .filter((one) => one.project === query.project || query.networks.includes(one.name))
    .map((one) => ({
      name: one.name,
      ...(one.project === undefined ? {} : { project: one.project }),
      labels: one.spec.labels,
      subnets: one.subnets.map(({ cidr }) => cidr),
      containers: attachedContainers(database, one.id).map(({ id }) => id),
    }));
}

function observeVolumes({ database }: EngineContext, query: ObserveQuery): readonly ObservedVolume[] {
  return readVolumes(database)
    .filter((one) => one.project === query.project || query.volumes.includes(one.name))
    .map((one) => ({
      name: one.name,
      ...(one.project === undefined ? {} : { project: one.project }),
      labels: one.spec.labels,
      anonymous: one.anonymous,
      containers: volumeUsers(database, one.name).map(({ id }) => id),
    }));
}

async function observeImages(context: EngineContext, references: readonly string[]): Promise<Record<string, ImageSummary>> {
  const images = await context.images();
  return Object.fromEntries(
    references.flatMap((reference) => {
      const found = images.inspect(reference);
      return found === undefined ? [] : [[reference, found] as const];
    }),
  );
}

/** Asked ports that somebody else holds: containers of other projects, then any process of the host. */
function heldPorts(context: EngineContext, query: ObserveQuery): readonly PortHolder[] {
  const { database } = context;
  const isHolding = holdsResources(context);
  const rows = readPublished(database);
  const projects = new Map(
    database
      .prepare('SELECT id, project, service FROM containers')
      .all()
      .map((row) => [String(row['id']), { project: String(row['project']), service: String(row['service']) }]),
  );
  const listeners = hostListeners();
  return query.ports.flatMap((wanted): readonly PortHolder[] => {
    const meets = rows.filter(
      (row) => row.protocol === wanted.protocol && row.hostPort === wanted.port && addressesMeet(row.hostIp, wanted.hostIp),
    );
    const foreign = meets.find((row) => projects.get(row.container)?.project !== query.project && isHolding(row.container));
    if (foreign !== undefined) {
      const holder = projects.get(foreign.container);
      return [{ ...wanted, ...(holder === undefined ? {} : { holderProject: holder.project, holderService: holder.service }) }];
    }
    // A listener on the port of a container of this project is that container's own proxy.
    if (meets.length > 0) return [];
    const listener = listeners.find((one) => listenerMeets(one, wanted));
    return listener === undefined ? [] : [{ ...wanted, ...socketHolder(listener.inode) }];
  });
}

function listenerMeets(listener: Listener, wanted: HostPort): boolean {
  return listener.protocol === wanted.protocol && listener.port === wanted.port && addressesMeet(listener.address, wanted.hostIp);
}

function fileDigest(path: string): string | null {
  try {
    return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  } catch {
    // Missing, a directory or not readable: the answer is "no content".
    return null;
  }
}

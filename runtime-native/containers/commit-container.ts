import { join } from 'node:path';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { ContainerCommit } from '#core/engine/store.ts';
import { mountTargets } from '../bundle/mounts.ts';
import { deviceEdits } from '../cdi/service-devices.ts';
import type { EngineContext } from '../engine-context.ts';
import { containerStatus } from './alive.ts';
import { committedCommand, committedConfig } from './committed-config.ts';
import { requireContainer } from './container-rows.ts';
import { pauseContainer, unpauseContainer } from './signal-container.ts';

/** Makes an image of a container. See `EngineStore.commitContainer`. */
export async function commitContainer(
  context: EngineContext,
  id: string,
  { commit, signal }: { readonly commit: ContainerCommit; readonly signal?: AbortSignal | undefined },
): Promise<ImageSummary> {
  const row = requireContainer(context.database, id);
  const { stored } = row;
  const images = await context.images();
  const edits = deviceEdits(stored, context.facts());
  return images.commit({
    source: row.name,
    base: stored.image.id,
    upper: join(context.paths.containerState(id), 'upper'),
    mountPoints: [
      ...mountTargets({ service: stored.spec.service, mounts: stored.mounts, files: stored.files }),
      ...(edits?.mounts ?? []).map((one) => one.destination),
    ],
    config: committedConfig(stored),
    createdBy: committedCommand(stored),
    changes: commit.changes,
    author: commit.author,
    message: commit.message,
    reference: commit.reference,
    signal,
    still: (body) => (commit.pause ? whilePaused(context, id, body) : body()),
  });
}

/** Writes a container's files as an archive. See `EngineStore.exportContainer`. */
export async function exportContainer(
  context: EngineContext,
  id: string,
  { output, signal }: { readonly output: NodeJS.WritableStream; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const row = requireContainer(context.database, id);
  const images = await context.images();
  const lower = images.lowerDirectories(row.stored.image.id);
  await images.archiveTree({
    source: row.name,
    directories: [join(context.paths.containerState(id), 'upper'), ...lower],
    output,
    signal,
  });
}

/** One that is paused already stays so; one that ends meanwhile needs no waking up. */
async function whilePaused<T>(context: EngineContext, id: string, body: () => Promise<T>): Promise<T> {
  const current = containerStatus(context, id);
  if (current.kind !== 'live' || current.status.state !== 'running') return body();
  await pauseContainer(context, id);
  try {
    return await body();
  } finally {
    if (containerStatus(context, id).kind === 'live') await unpauseContainer(context, id);
  }
}

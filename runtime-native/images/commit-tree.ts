import type { ImageConfig, ImageSummary } from '#core/engine/specs.ts';
import { commitImages } from './commit-image.ts';
import { commitLayer } from './commit-layer.ts';
import { deriveImage, storedLayers } from './derive-image.ts';
import { explainFailure } from './explain-failure.ts';
import { applyChanges } from './image-changes.ts';
import { lowerDirectories, summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { formatReference, parseReference } from './reference.ts';
import { openWorkspace, sweepWorkspaces } from './workspace.ts';

export interface TreeCommit {
  /** For messages: the container. */
  readonly source: string;
  /** Id of the image below. */
  readonly base: string;
  readonly upper: string;
  readonly mountPoints: readonly string[];
  readonly config: ImageConfig;
  readonly changes: readonly string[];
  readonly createdBy?: string | undefined;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  readonly reference?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Runs the reading of the upper directory; a container stands still meanwhile. */
  readonly still: <T>(body: () => Promise<T>) => Promise<T>;
}

/** An image of an image and an upper directory on top of it. See `EngineStore.commitContainer`. */
export async function commitTree(context: ImageStoreContext, request: TreeCommit): Promise<ImageSummary> {
  const { base, upper, mountPoints, signal } = request;
  const reference = request.reference === undefined ? undefined : formatReference(parseReference(request.reference));
  const config = applyChanges(request.config, request.changes);
  return explainFailure(context, request.source, async () => {
    await sweepWorkspaces(context);
    await using workspace = openWorkspace(context);
    const lower = lowerDirectories(context, base);
    const parent = storedLayers(context, base).at(-1)?.chainId;
    const layer = await request.still(() =>
      commitLayer(context, { workspace, name: 'commit', upper, lower, parent, mountPoints, signal }),
    );
    signal?.throwIfAborted();
    const image = deriveImage(context, {
      ...request,
      layer,
      config,
      created: new Date().toISOString(),
      references: reference === undefined ? [] : [reference],
    });
    const [id = ''] = commitImages(context, workspace, [image]);
    const summary = summarise(context, id);
    if (summary === undefined) throw new Error(`image ${id} vanished while it was being made`);
    return summary;
  });
}

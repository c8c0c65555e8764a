import type { ImageSummary } from '#core/engine/specs.ts';
import { commitImages } from './commit-image.ts';
import { readDockerArchive } from './docker-archive.ts';
import { explainFailure } from './explain-failure.ts';
import { openImageArchive } from './image-archive.ts';
import { invalid } from './image-document.ts';
import { summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { readOciLayout } from './oci-layout.ts';
import { type StageImageRequest, type StagingSession, stageImage } from './stage-image.ts';
import type { StagedImage } from './staged-image.ts';
import { openWorkspace, sweepWorkspaces } from './workspace.ts';

export interface LoadRequest {
  /** A file, a directory (OCI layout), or `-` for standard input. */
  readonly path: string;
  readonly onProgress: (progress: {
    readonly reference: string;
    readonly doneBytes: number;
    readonly totalBytes: number;
  }) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Loads every image of an archive, all or none. See `ImageStore.load`. */
export async function loadImages(context: ImageStoreContext, request: LoadRequest): Promise<readonly ImageSummary[]> {
  const { path, signal } = request;
  return explainFailure(context, path, async () => {
    await sweepWorkspaces(context);
    await using workspace = openWorkspace(context);
    await using archive = await openImageArchive({ path, workspace, signal });
    const images = (await readOciLayout(archive)) ?? (await readDockerArchive(archive));
    if (images === undefined) {
      throw invalid(path, 'it is neither a docker archive (manifest.json) nor an OCI layout (index.json)');
    }
    const session: StagingSession = { context, workspace, source: path, signal, layers: new Map() };
    const staged: StagedImage[] = [];
    for (const image of images) staged.push(await stageImage(session, await withProgress(image, request.onProgress)));
    signal?.throwIfAborted();
    const ids = commitImages(context, workspace, staged);
    return [...new Set(ids)].flatMap((id) => summarise(context, id) ?? []);
  });
}

async function withProgress(image: StageImageRequest, onProgress: LoadRequest['onProgress']): Promise<StageImageRequest> {
  const reference = image.references[0] ?? '';
  const sizes = await Promise.all(image.layers.map(async (layer) => layer.descriptor?.size ?? (await layer.open(1)).length ?? 0));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let doneBytes = 0;
  onProgress({ reference, doneBytes, totalBytes });
  return {
    ...image,
    onLayer: (_layer, index) => {
      doneBytes += sizes[index] ?? 0;
      onProgress({ reference, doneBytes, totalBytes });
    },
  };
}

import type { ImageImport, ImageSummary } from '#core/engine/specs.ts';
import { commitImages } from './commit-image.ts';
import { chainIds, sha256Digest } from './digest.ts';
import { explainFailure } from './explain-failure.ts';
import { applyChanges } from './image-changes.ts';
import { summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { openImportSource } from './import-source.ts';
import { layerMediaType, mediaTypes } from './media-types.ts';
import { hostPlatform, parsePlatform } from './platform.ts';
import { formatReference, parseReference } from './reference.ts';
import { type UnpackedLayer, unpackLayer } from './stage-layer.ts';
import type { StagedImage } from './staged-image.ts';
import { openWorkspace, sweepWorkspaces } from './workspace.ts';

/** A file system archive becomes an image of one layer. See `ImageStore.import`. */
export async function importImage(context: ImageStoreContext, request: ImageImport, signal?: AbortSignal): Promise<ImageSummary> {
  const reference = request.reference === undefined ? undefined : formatReference(parseReference(request.reference));
  const config = applyChanges({}, request.changes);
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  const source = await openImportSource(request, signal);
  return explainFailure(context, request.source, async () => {
    await sweepWorkspaces(context);
    await using workspace = openWorkspace(context);
    const layer = await unpackLayer(context, { workspace, name: 'import', source, signal });
    signal?.throwIfAborted();
    const created = new Date().toISOString();
    const document = {
      created,
      ...platform,
      config,
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
      history: [{ created, comment: request.message ?? `Imported from ${request.source}` }],
    };
    const image = stage({ document, layer, reference });
    const [id = ''] = commitImages(context, workspace, [image]);
    const summary = summarise(context, id);
    if (summary === undefined) throw new Error(`image ${id} vanished while it was being imported`);
    return summary;
  });
}

function stage(request: { document: object; layer: UnpackedLayer; reference: string | undefined }): StagedImage {
  const { layer, reference } = request;
  const config = JSON.stringify(request.document);
  const mediaType = layerMediaType(layer.compression);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256Digest(config), size: Buffer.byteLength(config) },
    layers: [{ mediaType, digest: layer.digest, size: layer.archiveBytes }],
  });
  const [chainId = ''] = chainIds([layer.diffId]);
  return {
    config,
    manifest,
    layers: [
      {
        diffId: layer.diffId,
        chainId,
        blob: { digest: layer.digest, ...(layer.blobPath === undefined ? {} : { path: layer.blobPath }) },
        mediaType,
        sizeBytes: layer.unpackedBytes,
        directory: layer.directory,
      },
    ],
    references: reference === undefined ? [] : [reference],
  };
}

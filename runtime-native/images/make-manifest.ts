import { statSync } from 'node:fs';
import { sha256Digest } from './digest.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { mediaTypes } from './media-types.ts';
import { blobPath } from './stage-layer.ts';
import type { StagedLayer } from './staged-image.ts';

/** The manifest of an image that has none: that of an archive without one, or one that we made. */
export function makeManifest(context: ImageStoreContext, config: string, layers: readonly StagedLayer[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256Digest(config), size: Buffer.byteLength(config) },
    layers: layers.map(({ mediaType, blob }) => ({
      mediaType,
      digest: blob.digest,
      size: statSync(blob.path ?? blobPath(context, blob.digest)).size,
    })),
  });
}

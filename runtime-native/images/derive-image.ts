import type { ImageConfig } from '#core/engine/specs.ts';
import type { CommittedLayer } from './commit-layer.ts';
import { parseImageDocument, parseJson } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { makeManifest } from './make-manifest.ts';
import type { StagedImage, StagedLayer } from './staged-image.ts';

/** One more step on top of an image of the store: its configuration, and a layer unless it changed no file. */
export interface Derivation {
  /** Id of the image below. */
  readonly base: string;
  readonly layer: CommittedLayer;
  /** Replaces that of the base. */
  readonly config: ImageConfig;
  /** RFC 3339. */
  readonly created: string;
  readonly createdBy?: string | undefined;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  readonly references: readonly string[];
}

/** The image of a derivation, staged for `commitImages`. An empty layer becomes a line of the history only, as with Docker. */
export function deriveImage(context: ImageStoreContext, request: Derivation): StagedImage {
  const { base, layer, created, author, message, createdBy } = request;
  const row = context.database.prepare('SELECT config FROM images WHERE id = ?').get(base);
  if (row === undefined) throw new Error(`image ${base} vanished while it was being used`);
  const text = String(row['config']);
  const document = parseJson(text, base) as Readonly<Record<string, unknown>>; // parser: it has been read when it came in
  const isEmpty = layer.entries === 0;
  const { diffIds } = parseImageDocument(text, base);
  const { rootfs: _rootfs, history, container: _container, container_config: _containerConfig, id: _id, ...kept } = document;
  const config = JSON.stringify({
    ...kept,
    created,
    ...(author === undefined ? {} : { author }),
    config: request.config,
    rootfs: { type: 'layers', diff_ids: [...diffIds, ...(isEmpty ? [] : [layer.diffId])] },
    history: [
      ...(Array.isArray(history) ? history : []),
      {
        created,
        ...(author === undefined ? {} : { author }),
        ...(createdBy === undefined ? {} : { created_by: createdBy }),
        ...(message === undefined ? {} : { comment: message }),
        ...(isEmpty ? { empty_layer: true } : {}),
      },
    ],
  });
  const layers = [...storedLayers(context, base), ...(isEmpty ? [] : [layer])];
  return { config, manifest: makeManifest(context, config, layers), layers, references: request.references };
}

/** The layers of an image of the store, bottom first, as parts of a new one. */
export function storedLayers(context: ImageStoreContext, image: string): readonly StagedLayer[] {
  return context.database
    .prepare(
      `SELECT chain_id, diff_id, size_bytes, blob, media_type FROM image_layers JOIN layers USING (chain_id)
       WHERE image = ? ORDER BY position`,
    )
    .all(image)
    .map((row) => ({
      diffId: String(row['diff_id']),
      chainId: String(row['chain_id']),
      blob: { digest: String(row['blob']) },
      mediaType: String(row['media_type']),
      sizeBytes: Number(row['size_bytes']),
    }));
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '#core/diagnostics/error.ts';
import { adoptInLayers } from './adopt-directories.ts';
import { chainIds, digestHex, sha256Digest } from './digest.ts';
import { HelperError } from './helper-client.ts';
import { type Descriptor, invalid, parseImageDocument } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { makeManifest } from './make-manifest.ts';
import { layerMediaType } from './media-types.ts';
import { blobPath, type LayerSource, unpackLayer } from './stage-layer.ts';
import type { StagedImage, StagedLayer } from './staged-image.ts';
import type { Workspace } from './workspace.ts';

/** Work on one archive or one pull: what several of its images share is done once. */
export interface StagingSession {
  readonly context: ImageStoreContext;
  readonly workspace: Workspace;
  /** For messages: the archive or the reference. */
  readonly source: string;
  readonly signal?: AbortSignal | undefined;
  readonly layers: Map<string, Promise<StagedLayer>>;
  /**
   * Called for each layer that the store lacks, from the lowest up, one after the other: resolves when nobody else works on
   * it, who may have brought it meanwhile.
   */
  readonly claimLayer?: (chainId: string) => Promise<void>;
}

export interface LayerRequest {
  /** What a manifest promises; absent in a docker-archive, which knows only diff ids. */
  readonly descriptor?: Descriptor;
  /** Called only when the store lacks the layer or its blob; a second time when what came first was damaged. */
  readonly open: (attempt: number) => Promise<Extract<LayerSource, { readonly path: string }>>;
  /** The file that `open` gives is in the workspace and becomes the blob itself, instead of being copied. */
  readonly isOwnFile?: boolean;
  /** A damaged archive may come whole at a second `open`. */
  readonly mayComeAgain?: boolean;
}

export interface StageImageRequest {
  readonly config: string;
  /** Exact text; absent: one is made. */
  readonly manifest?: string;
  readonly layers: readonly LayerRequest[];
  readonly references: readonly string[];
  readonly onLayer?: (layer: StagedLayer, index: number) => void;
}

const layersAtOnce = 3;

/** Verifies and unpacks what the store lacks of an image. Throws `engine.image-invalid` when a digest is wrong. */
export async function stageImage(session: StagingSession, request: StageImageRequest): Promise<StagedImage> {
  const { diffIds } = parseImageDocument(request.config, session.source);
  if (diffIds.length !== request.layers.length) {
    throw invalid(session.source, `its configuration has ${diffIds.length} layers, its manifest ${request.layers.length}`);
  }
  const chain = chainIds(diffIds);
  const layers: StagedLayer[] = [];
  let next = 0;
  let claimed = Promise.resolve();
  const worker = async (): Promise<void> => {
    for (let i = next++; i < diffIds.length; i = next++) {
      const [layer, diffId, chainId] = [request.layers[i], diffIds[i], chain[i]];
      if (layer === undefined || diffId === undefined || chainId === undefined) throw new Error('layer lists differ in length');
      // In order: whoever waits for a layer holds only lower ones, so that no two wait for each other.
      claimed = claimed.then(() =>
        knownLayer(session.context, chainId) === undefined ? session.claimLayer?.(chainId) : undefined,
      );
      await claimed;
      const staged = await stageOnce(session, { layer, diffId, chainId });
      layers[i] = staged;
      request.onLayer?.(staged, i);
    }
  };
  // All of them must have stopped before the workspace may go.
  const results = await Promise.allSettled(Array.from({ length: Math.min(layersAtOnce, diffIds.length) }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  await adoptInLayers(session.context, layers, session.signal);
  return {
    config: request.config,
    manifest: request.manifest ?? makeManifest(session.context, request.config, layers),
    layers,
    references: request.references,
  };
}

interface StageLayerRequest {
  readonly layer: LayerRequest;
  readonly diffId: string;
  readonly chainId: string;
}

function stageOnce(session: StagingSession, request: StageLayerRequest): Promise<StagedLayer> {
  const key = `${request.chainId} ${request.layer.descriptor?.digest ?? ''}`;
  const known = session.layers.get(key);
  if (known !== undefined) return known;
  const staged = stageLayer(session, request);
  session.layers.set(key, staged);
  return staged;
}

async function stageLayer(session: StagingSession, request: StageLayerRequest): Promise<StagedLayer> {
  const { layer, diffId, chainId } = request;
  const { descriptor } = layer;
  const known = knownLayer(session.context, chainId);
  if (known !== undefined) {
    if (descriptor === undefined || descriptor.digest === known.blob) {
      return { diffId, chainId, blob: { digest: known.blob }, mediaType: known.mediaType, sizeBytes: known.sizeBytes };
    }
    // The same files in another wrapping: save and push need the blob that this manifest names.
    const blob = { digest: descriptor.digest, ...(await copyBlob(session, layer, descriptor)) };
    return { diffId, chainId, blob, mediaType: descriptor.mediaType, sizeBytes: known.sizeBytes };
  }
  const { source, unpacked } = await unpackVerified(session, request, 1).catch((error: unknown) => {
    const isDamaged = (error instanceof HelperError && error.reason === 'archive') || hasCode(error, 'engine.image-invalid');
    if (!isDamaged || layer.mayComeAgain !== true) throw error;
    return unpackVerified(session, request, 2);
  });
  return {
    diffId,
    chainId,
    blob: { digest: unpacked.digest, path: unpacked.blobPath ?? source.path },
    mediaType: descriptor?.mediaType ?? layerMediaType(unpacked.compression),
    sizeBytes: unpacked.unpackedBytes,
    directory: unpacked.directory,
    implied: unpacked.implied,
  };
}

async function unpackVerified(session: StagingSession, request: StageLayerRequest, attempt: number) {
  const { layer, diffId, chainId } = request;
  const { descriptor } = layer;
  const source = await layer.open(attempt);
  checkSize(session, descriptor, source.length);
  const name = digestHex(sha256Digest(`${chainId} ${descriptor?.digest ?? ''} ${attempt}`)).slice(0, 24);
  const { context, workspace, signal } = session;
  const unpacked = await unpackLayer(context, { workspace, name, source, signal, keepsBlob: layer.isOwnFile !== true });
  if (descriptor !== undefined && unpacked.digest !== descriptor.digest) {
    throw invalid(session.source, `layer ${descriptor.digest} is damaged: its digest is ${unpacked.digest}`);
  }
  if (unpacked.diffId !== diffId) {
    throw invalid(session.source, `a layer is not what the configuration says: ${unpacked.diffId} instead of ${diffId}`);
  }
  return { source, unpacked };
}

function knownLayer(context: ImageStoreContext, chainId: string) {
  const row = context.database
    .prepare('SELECT size_bytes, blob, media_type FROM layers JOIN image_layers USING (chain_id) WHERE chain_id = ? LIMIT 1')
    .get(chainId);
  if (row === undefined) return undefined;
  return { sizeBytes: Number(row['size_bytes']), blob: String(row['blob']), mediaType: String(row['media_type']) };
}

async function copyBlob(
  session: StagingSession,
  layer: LayerRequest,
  descriptor: Descriptor,
): Promise<{ readonly path?: string }> {
  if (existsSync(blobPath(session.context, descriptor.digest))) return {};
  const source = await layer.open(1);
  checkSize(session, descriptor, source.length);
  const target = join(session.workspace.path, `${digestHex(descriptor.digest)}.blob`);
  const hash = createHash('sha256');
  const digesting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const start = source.offset ?? 0;
  const range = source.length === undefined ? {} : { start, end: start + source.length - 1 };
  await pipeline(createReadStream(source.path, range), digesting, createWriteStream(target, { mode: 0o600, flush: true }));
  if (`sha256:${hash.digest('hex')}` !== descriptor.digest)
    throw invalid(session.source, `layer ${descriptor.digest} is damaged`);
  return { path: target };
}

function checkSize(session: StagingSession, descriptor: Descriptor | undefined, length: number | undefined): void {
  if (descriptor !== undefined && length !== undefined && length !== descriptor.size) {
    throw invalid(session.source, `layer ${descriptor.digest} has ${length} bytes instead of ${descriptor.size}`);
  }
}

import { readFileSync, statSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageSummary, PushedImage, PushProgress } from '#core/engine/specs.ts';
import { digestHex, sha256Digest } from './digest.ts';
import { type Descriptor, parseManifest } from './image-document.ts';
import { findImage, summarise } from './image-queries.ts';
import type { ImageStoreContext, RegistryContext } from './image-store-context.ts';
import { variantsOf } from './image-variants.ts';
import { mediaTypes } from './media-types.ts';
import { formatReference, parseReference, type Reference } from './reference.ts';
import { pushFailure } from './registry/failure.ts';
import { openForPush } from './registry/open-repository.ts';
import { manifestType, putManifest } from './registry/put-manifest.ts';
import { fileBlob, uploadBlob } from './registry/upload-blob.ts';
import { blobPath } from './stage-layer.ts';

export interface PushRequest {
  /** Where it goes: registry, repository and tag. */
  readonly reference: string;
  /** Name of the local image; the same, unless a default registry is configured. */
  readonly local: string;
  readonly onProgress: (progress: PushProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

const blobsAtOnce = 3;

/** Sends an image to the registry that its name tells. See `Engine.pushImage`. */
export async function pushImage(context: RegistryContext, request: PushRequest): Promise<PushedImage> {
  const reference = parseReference(request.reference);
  const id = findImage(context, request.local);
  const image = id === undefined ? undefined : summarise(context, id);
  if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: request.reference }));
  const others = image.references
    .filter((one) => one === formatReference(parseReference(request.local)))
    .flatMap((one) => variantsOf(context, one))
    .flatMap((one) => summarise(context, one) ?? []);
  try {
    if (others.length > 0) return await pushIndex(context, { ...request, reference, images: [image, ...others] });
    return await push(context, { ...request, reference, digest: image.digest });
  } catch (error) {
    throw pushFailure(request.reference, error);
  }
}

/** The images of a name for several platforms, each by its digest, and an index of them under the name. */
async function pushIndex(
  context: RegistryContext,
  request: Omit<PushRequest, 'reference' | 'local'> & {
    readonly reference: Reference;
    readonly images: readonly ImageSummary[];
  },
): Promise<PushedImage> {
  const { reference, images, signal } = request;
  const manifests = [];
  for (const { digest, platform } of images) {
    const { sizeBytes } = await push(context, { ...request, digest, isPart: true });
    const mediaType = manifestType(readFileSync(blobPath(context, digest)));
    manifests.push({ mediaType, digest, size: sizeBytes, platform });
  }
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
  const digest = sha256Digest(text);
  const client = await openForPush({ reference, otherRepositories: [], connections: await context.connections(), signal });
  await putManifest(client, { name: reference.digest ?? reference.tag ?? 'latest', manifest: Buffer.from(text), digest });
  return { reference: formatReference(reference), digest, sizeBytes: Buffer.byteLength(text) };
}

async function push(
  context: RegistryContext,
  request: Omit<PushRequest, 'reference' | 'local'> & {
    readonly reference: Reference;
    readonly digest: string;
    /** Of an index, which gets the name. */
    readonly isPart?: boolean;
  },
): Promise<PushedImage> {
  const { reference, digest, onProgress, signal } = request;
  const manifest = readFileSync(blobPath(context, digest));
  const { config, layers } = parseManifest(manifest.toString(), formatReference(reference));
  const blobs = [...new Map([...layers, config].map((one) => [one.digest, one])).values()];
  const neighbours = new Map(blobs.map(({ digest: blob }) => [blob, neighboursOf(context, reference, blob)]));
  const client = await openForPush({
    reference,
    otherRepositories: [...new Set([...neighbours.values()].flat())],
    connections: await context.connections(),
    signal,
  });
  await eachAtOnce(blobs, blobsAtOnce, async (blob) => {
    const isConfig = blob.digest === config.digest;
    const report = (phase: PushProgress['phase'], doneBytes: number) =>
      onProgress({
        ...(isConfig ? {} : { layer: digestHex(blob.digest).slice(0, 12) }),
        phase,
        doneBytes,
        totalBytes: blob.size,
      });
    report('checking', 0);
    const outcome = await uploadBlob({
      client,
      blob: fileBlob({ path: blobPath(context, blob.digest), digest: blob.digest, sizeBytes: sizeOf(context, blob) }),
      mountFrom: neighbours.get(blob.digest) ?? [],
      onBytes: (done) => report('uploading', done),
      signal,
    });
    report(outcome, blob.size);
  });
  const name = request.isPart === true ? digest : (reference.digest ?? reference.tag ?? 'latest');
  await putManifest(client, { name, manifest, digest });
  return { reference: formatReference(reference), digest, sizeBytes: manifest.length };
}

/** Other repositories of the registry that, by their local names, have this blob: at most three are worth asking. */
function neighboursOf(context: ImageStoreContext, reference: Reference, digest: string): readonly string[] {
  const rows = context.database
    .prepare(
      `SELECT DISTINCT reference FROM image_references JOIN image_layers USING (image)
       WHERE blob = ? AND substr(reference, 1, length(?2)) = ?2 ORDER BY reference`,
    )
    .all(digest, `${reference.registry}/`);
  const repositories = rows.map((row) => parseReference(String(row['reference'])).repository);
  return [...new Set(repositories)].filter((one) => one !== reference.repository).slice(0, 3);
}

function sizeOf(context: ImageStoreContext, blob: Descriptor): number {
  const { size } = statSync(blobPath(context, blob.digest));
  if (size !== blob.size) throw new Error(`blob ${blob.digest} has ${size} bytes instead of ${blob.size}`);
  return size;
}

/** Runs `work` for each, some at once; after a failure no more are begun, and all have ended when it rejects. */
async function eachAtOnce<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item).catch((error: unknown) => {
        queue.length = 0;
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: limit }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

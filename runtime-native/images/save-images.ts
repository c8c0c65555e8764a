import { Writable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { ImageSave } from '#core/engine/store.ts';
import { type ArchiveWriter, archiveWriter } from './archive-writer.ts';
import { storedLayers } from './derive-image.ts';
import { digestHex, sha256Digest } from './digest.ts';
import { summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { layerMediaType, mediaTypes } from './media-types.ts';
import { familiarReference, parseReference } from './reference.ts';
import { openBlob, openInflated, type SavedBlob } from './saved-blob.ts';
import { type SavedImage, savedImages } from './saved-images.ts';
import type { StagedLayer } from './staged-image.ts';

/** A layer as the archive names it, and where its bytes come from. */
interface ArchivedLayer {
  readonly digest: string;
  readonly mediaType: string;
  readonly blob: SavedBlob;
}

interface ArchivedImage extends SavedImage {
  readonly manifest: string;
  readonly config: string;
  readonly layers: readonly ArchivedLayer[];
}

/**
 * Writes images into one archive that is an OCI layout and, for format `docker`, a `docker save` archive as well. What several
 * images share is in it once. See `EngineStore.saveImages`.
 */
export async function saveImages(context: ImageStoreContext, request: ImageSave): Promise<readonly ImageSummary[]> {
  const { output, signal, compression = 'none' } = request;
  const wanted = savedImages(context, request.references);
  await using open = new AsyncDisposableStack();
  const blobs = new Map<string, Promise<SavedBlob>>();
  const hold = (digest: string, make: () => Promise<SavedBlob>): Promise<SavedBlob> => {
    const known = blobs.get(digest) ?? make().then((blob) => open.use(blob));
    blobs.set(digest, known);
    return known;
  };
  const images = await Promise.all(wanted.map((image) => archived(context, { image, format: request.format, hold })));
  if (compression === 'none') await writeArchive(archiveWriter(output), { images, format: request.format, signal });
  else {
    const compressor = compression === 'gzip' ? createGzip({ level: 6 }) : createZstdCompress();
    const done = pump(compressor, output);
    await Promise.all([
      done,
      writeArchive(archiveWriter(compressor), { images, format: request.format, signal })
        .then(() => compressor.end())
        .catch((error: unknown) => {
          compressor.destroy(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }),
    ]);
  }
  return wanted.flatMap(({ id }) => summarise(context, id) ?? []);
}

/** As `pipeline`, but leaves the output open. */
async function pump(source: AsyncIterable<Buffer>, output: NodeJS.WritableStream): Promise<void> {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (output.write(chunk)) done();
      else output.once('drain', done);
    },
  });
  const { pipeline } = await import('node:stream/promises');
  await pipeline(source, sink);
}

async function archived(
  context: ImageStoreContext,
  request: {
    readonly image: SavedImage;
    readonly format: ImageSave['format'];
    readonly hold: (digest: string, make: () => Promise<SavedBlob>) => Promise<SavedBlob>;
  },
): Promise<ArchivedImage> {
  const { image, format, hold } = request;
  const row = context.database.prepare('SELECT config, digest FROM images WHERE id = ?').get(image.id);
  if (row === undefined) throw new Error(`image ${image.id} vanished while it was being saved`);
  const stored = storedLayers(context, image.id);
  const layers = await Promise.all(stored.map((layer) => archivedLayer(context, { layer, format, hold })));
  const config = String(row['config']);
  const isExact = layers.every((layer, index) => layer.digest === stored[index]?.blob.digest);
  const manifest = isExact ? await readDocument(context, String(row['digest'])) : rewritten(config, layers);
  return { ...image, config, manifest, layers };
}

/** Docker archives are read by programs that know no zstd: such a layer goes in plain. */
async function archivedLayer(
  context: ImageStoreContext,
  request: {
    readonly layer: StagedLayer;
    readonly format: ImageSave['format'];
    readonly hold: (digest: string, make: () => Promise<SavedBlob>) => Promise<SavedBlob>;
  },
): Promise<ArchivedLayer> {
  const { layer, format, hold } = request;
  const { diffId, mediaType, sizeBytes } = layer;
  const { digest } = layer.blob;
  if (format === 'docker' && mediaType.endsWith('zstd')) {
    const blob = await hold(diffId, () => openInflated(context, { digest, diffId, sizeBytes }));
    return { digest: diffId, mediaType: layerMediaType('none'), blob };
  }
  return { digest, mediaType, blob: await hold(digest, () => openBlob(context, digest)) };
}

async function readDocument(context: ImageStoreContext, digest: string): Promise<string> {
  await using blob = await openBlob(context, digest);
  const chunks: Buffer[] = [];
  for await (const chunk of blob.stream()) chunks.push(chunk as Buffer); // the stream has no encoding
  return Buffer.concat(chunks).toString();
}

function rewritten(config: string, layers: readonly ArchivedLayer[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256Digest(config), size: Buffer.byteLength(config) },
    layers: layers.map(({ mediaType, digest, blob }) => ({ mediaType, digest, size: blob.sizeBytes })),
  });
}

async function writeArchive(
  archive: ArchiveWriter,
  request: {
    readonly images: readonly ArchivedImage[];
    readonly format: ImageSave['format'];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { images, format, signal } = request;
  const written = new Set<string>();
  const isNew = (digest: string): boolean => !written.has(digest) && written.add(digest) !== undefined;
  // Documents first: a reader of a pipe knows early what is coming.
  await archive.text('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  await archive.text('index.json', index(images));
  if (format === 'docker') await archive.text('manifest.json', dockerManifest(images));
  for (const { manifest, config } of images) {
    for (const text of [manifest, config]) {
      const digest = sha256Digest(text);
      if (isNew(digest)) await archive.text(blobName(digest), text);
    }
  }
  for (const { digest, blob } of images.flatMap((image) => image.layers)) {
    signal?.throwIfAborted();
    if (isNew(digest)) await archive.file(blobName(digest), blob.sizeBytes, blob.stream());
  }
  await archive.end();
}

/** One entry for each name. The short annotation is the tag, as containerd writes it, unless two images would have the same. */
function index(images: readonly ArchivedImage[]): string {
  const tags = images.flatMap((image) => image.names.map((name) => parseReference(name).tag));
  const manifests = images.flatMap(({ manifest, config, names }) => {
    const mediaType = mediaTypeOf(manifest);
    const { os, architecture, variant } = JSON.parse(config) as { os?: string; architecture?: string; variant?: string }; // read when it came in
    const descriptor = {
      mediaType,
      digest: sha256Digest(manifest),
      size: Buffer.byteLength(manifest),
      ...(os === undefined || architecture === undefined ? {} : { platform: { os, architecture, variant } }),
    };
    if (names.length === 0) return [descriptor];
    return names.map((name) => {
      const { tag } = parseReference(name);
      const short = tags.filter((one) => one === tag).length > 1 ? name : tag;
      return {
        ...descriptor,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': short },
      };
    });
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

function mediaTypeOf(manifest: string): string {
  const { mediaType } = JSON.parse(manifest) as { mediaType?: unknown }; // read when it came in
  return typeof mediaType === 'string' ? mediaType : mediaTypes.manifest;
}

function dockerManifest(images: readonly ArchivedImage[]): string {
  return JSON.stringify(
    images.map(({ config, names, layers }) => ({
      Config: blobName(sha256Digest(config)),
      RepoTags: names.length === 0 ? null : names.map((name) => familiarReference(parseReference(name))),
      Layers: layers.map((layer) => blobName(layer.digest)),
    })),
  );
}

function blobName(digest: string): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

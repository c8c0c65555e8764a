import { statSync } from 'node:fs';
import type { DiskUsage } from '#core/engine/store.ts';
import { listImages } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { imageUsers } from './image-users.ts';
import { blobPath } from './stage-layer.ts';

/** A thing of the store with a size: an unpacked layer, or a blob. */
interface Part {
  readonly key: string;
  readonly bytes: number;
}

/** Space of images: unpacked layers and the archives they came in, each counted once however many images have it. */
export function imageUsage(context: ImageStoreContext): Pick<DiskUsage, 'images' | 'imageBytes' | 'reclaimableImageBytes'> {
  const images = listImages(context).map((image) => ({
    image,
    parts: partsOf(context, image.id, image.digest),
    usedBy: imageUsers(context.database, image.id),
  }));
  const holders = new Map<string, number>();
  for (const { parts } of images) for (const { key } of parts) holders.set(key, (holders.get(key) ?? 0) + 1);
  const needed = new Set(images.filter((one) => one.usedBy.length > 0).flatMap((one) => one.parts.map((part) => part.key)));
  const all = new Map(images.flatMap((one) => one.parts).map((part) => [part.key, part.bytes]));
  const sum = (sizes: Iterable<number>): number => [...sizes].reduce((total, bytes) => total + bytes, 0);
  const imageBytes = sum(all.values());
  return {
    imageBytes,
    reclaimableImageBytes: imageBytes - sum([...all].flatMap(([key, bytes]) => (needed.has(key) ? [bytes] : []))),
    images: images.map(({ image, parts, usedBy }) => {
      const uniqueBytes = sum(parts.flatMap(({ key, bytes }) => (holders.get(key) === 1 ? [bytes] : [])));
      const sizeBytes = sum(parts.map((part) => part.bytes));
      const { id, references, createdAt } = image;
      return { id, references, createdAt, sizeBytes, uniqueBytes, sharedBytes: sizeBytes - uniqueBytes, usedBy };
    }),
  };
}

function partsOf(context: ImageStoreContext, id: string, manifest: string): readonly Part[] {
  const layers = context.database
    .prepare('SELECT chain_id, size_bytes, blob FROM image_layers JOIN layers USING (chain_id) WHERE image = ?')
    .all(id);
  const blobs = new Set([id, manifest, ...layers.map((layer) => String(layer['blob']))]);
  return [
    ...new Map(
      layers.map((layer) => [layer['chain_id'], { key: String(layer['chain_id']), bytes: Number(layer['size_bytes']) }]),
    ).values(),
    ...[...blobs].map((digest) => ({
      key: `blob ${digest}`,
      bytes: statSync(blobPath(context, digest), { throwIfNoEntry: false })?.size ?? 0,
    })),
  ];
}

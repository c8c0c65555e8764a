import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Duplex, type Readable, Transform } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { invalid } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { blobPath } from './stage-layer.ts';

const chunkBytes = 256 * 1024;

/** A blob of the store, held open: a removal meanwhile does not take it away. */
export interface SavedBlob extends AsyncDisposable {
  readonly sizeBytes: number;
  /** Its bytes; ends with `engine.image-invalid` when they are not those of the digest. */
  stream(): Readable;
}

/** Opens a blob as it is stored. */
export async function openBlob(context: ImageStoreContext, digest: string): Promise<SavedBlob> {
  const file = await openFile(context, digest);
  return {
    sizeBytes: (await file.stat()).size,
    stream: () => chained(read(file), verify(digest)),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Opens a zstd layer as the plain archive that it holds. */
export async function openInflated(
  context: ImageStoreContext,
  layer: { readonly digest: string; readonly diffId: string; readonly sizeBytes: number },
): Promise<SavedBlob> {
  const file = await openFile(context, layer.digest);
  return {
    sizeBytes: layer.sizeBytes,
    stream: () => chained(chained(read(file), createZstdDecompress({ chunkSize: chunkBytes })), verify(layer.diffId)),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openFile(context: ImageStoreContext, digest: string): Promise<FileHandle> {
  return open(blobPath(context, digest)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw invalid(digest, 'its blob is not in the store');
    throw error;
  });
}

/** As `pipe`, with errors passed on. */
function chained<T extends Duplex>(source: Readable, target: T): T {
  source.on('error', (error) => target.destroy(error));
  return source.pipe(target);
}

function read(file: FileHandle): Readable {
  return file.createReadStream({ start: 0, autoClose: false, highWaterMark: chunkBytes });
}

function verify(digest: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    highWaterMark: chunkBytes,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = `sha256:${hash.digest('hex')}`;
      done(found === digest ? null : invalid(digest, `the store holds other bytes under this digest: ${found}`));
    },
  });
}

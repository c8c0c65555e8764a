import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { digestHex } from './digest.ts';
import { runHelper } from './helper-client.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import type { Compression } from './media-types.ts';
import type { Workspace } from './workspace.ts';

/** A layer archive: a file, a part of a file, or a stream. */
export type LayerSource =
  | { readonly path: string; readonly offset?: number; readonly length?: number }
  | { readonly stream: Readable };

/** What the helper found in a layer archive, and where it put it. */
export interface UnpackedLayer {
  readonly diffId: string;
  readonly digest: string;
  readonly compression: Compression;
  /** Of the archive as it is. */
  readonly archiveBytes: number;
  readonly unpackedBytes: number;
  readonly directory: string;
  /** Directories of which the archive says nothing; `''` is the root. */
  readonly implied: readonly string[];
  /** Absent when the archive is not kept. */
  readonly blobPath?: string;
}

/** Unpacks one layer into a workspace and keeps its archive as a blob, in one pass. Rejects with a `HelperError`. */
export async function unpackLayer(
  context: ImageStoreContext,
  request: {
    readonly workspace: Workspace;
    readonly name: string;
    readonly source: LayerSource;
    readonly signal?: AbortSignal | undefined;
    readonly keepsBlob?: boolean;
  },
): Promise<UnpackedLayer> {
  const { workspace, name, source, signal } = request;
  const directory = join(workspace.path, `${name}.layer`);
  const kept = request.keepsBlob === false ? {} : { blobPath: join(workspace.path, `${name}.blob`) };
  const { bavail, bsize } = await statfs(workspace.path);
  const answer = await runHelper(
    {
      op: 'unpack',
      ...('path' in source ? { source: source.path } : {}),
      ...('path' in source && source.length !== undefined ? { offset: source.offset ?? 0, length: source.length } : {}),
      target: directory,
      ...(kept.blobPath === undefined ? {} : { blob: kept.blobPath }),
      // More cannot fit: a decompression bomb ends here instead of filling the disk to the last byte.
      maxBytes: bavail * bsize,
    },
    { helper: context.helper, signal, ...('stream' in source ? { stream: source.stream } : {}) },
  );
  const { diffId, digest, compression, sizeBytes, unpackedBytes } = answer;
  return {
    diffId: String(diffId),
    digest: String(digest),
    compression: compression as Compression, // parser: our own helper's closed set
    archiveBytes: Number(sizeBytes),
    unpackedBytes: Number(unpackedBytes),
    directory,
    implied: answer['implied'] as readonly string[], // parser: our own helper's list of texts
    ...kept,
  };
}

/** Path of a blob in the store. */
export function blobPath(context: ImageStoreContext, digest: string): string {
  return join(context.paths.blobs, digestHex(digest));
}

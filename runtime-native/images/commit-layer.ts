import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptDirectories } from './adopt-directories.ts';
import { chainIds, sha256Digest } from './digest.ts';
import { runHelper } from './helper-client.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { type Compression, layerMediaType } from './media-types.ts';
import { unpackLayer } from './stage-layer.ts';
import type { StagedLayer } from './staged-image.ts';
import type { Workspace } from './workspace.ts';

export interface LayerCommit {
  readonly workspace: Workspace;
  /** Unique in the workspace; becomes part of file names. */
  readonly name: string;
  /** The overlay's upper directory; it is only read, unless it is given away. */
  readonly upper: string;
  /** The directory itself may become the layer: it is in the workspace, and only our helper has written there, whose overlays copy whole files and redirect nothing. */
  readonly givesUpper?: boolean | undefined;
  /** Lower directories of that overlay, topmost first; empty for a layer without a base. */
  readonly lower: readonly string[];
  /** Chain id of the topmost layer below. */
  readonly parent?: string | undefined;
  /** Of the archive that is kept; default gzip, which every registry and engine takes. */
  readonly compression?: Compression | undefined;
  /** `SOURCE_DATE_EPOCH`: no time in the layer is later than this second. */
  readonly clampTime?: number | undefined;
  /** Paths in the container where something was mounted: what is there only to be mounted on does not become part of the layer. */
  readonly mountPoints?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CommittedLayer extends StagedLayer {
  /** Members of the archive; 0: nothing was changed. */
  readonly entries: number;
  /** Of the archive as it is kept. */
  readonly archiveBytes: number;
}

/**
 * Makes a layer of what an overlay's upper directory changes: archive, digests and the unpacked directory, staged in the
 * workspace for `commitImages`. The same directory gives the same digests. What equals the layers below is left out, so that
 * a directory in which nothing was changed gives an empty layer. Rejects with a `HelperError` (wrap in `explainFailure`).
 */
export async function commitLayer(context: ImageStoreContext, request: LayerCommit): Promise<CommittedLayer> {
  const { workspace, name, upper, lower, signal, compression = 'gzip' } = request;
  const blobPath = join(workspace.path, `${name}.blob`);
  const packed = await runHelper(
    {
      op: 'pack',
      upper,
      lower,
      target: blobPath,
      compression,
      ...(request.clampTime === undefined ? {} : { clampTime: request.clampTime }),
      mountPoints: withParents(request.mountPoints ?? []),
    },
    { helper: context.helper, signal },
  );
  const diffId = String(packed['diffId']);
  const digest = String(packed['digest']);
  // Times in the archive that were clamped are others in the directory.
  const isGiven = request.givesUpper === true && request.clampTime === undefined;
  const directory = isGiven
    ? await takeUpper(context, request)
    : await unpackAgain(context, request, { blobPath, diffId, digest });
  return {
    diffId,
    chainId: request.parent === undefined ? (chainIds([diffId])[0] ?? '') : sha256Digest(`${request.parent} ${diffId}`),
    blob: { digest, path: blobPath },
    mediaType: layerMediaType(compression),
    sizeBytes: Number(packed['unpackedBytes']),
    directory,
    entries: Number(packed['entries']),
    archiveBytes: Number(packed['sizeBytes']),
  };
}

/** The upper directory is in the form of a layer already; it needs only be flushed to the disk, and its root to look as below. */
async function takeUpper(context: ImageStoreContext, { workspace, name, upper, lower, signal }: LayerCommit): Promise<string> {
  const layer = join(workspace.path, `${name}.layer`);
  await rename(upper, layer);
  const paths = lower.length === 0 ? [] : [''];
  await runHelper({ op: 'adopt-directories', layer, lower: [...lower, layer], paths }, { helper: context.helper, signal });
  return layer;
}

/** Unpacked again rather than copied: the directory is what everybody who gets this archive will have. */
async function unpackAgain(
  context: ImageStoreContext,
  { workspace, name, lower, signal }: LayerCommit,
  packed: { readonly blobPath: string; readonly diffId: string; readonly digest: string },
): Promise<string> {
  const layer = await unpackLayer(context, { workspace, name, source: { path: packed.blobPath }, signal, keepsBlob: false });
  if (layer.diffId !== packed.diffId || layer.digest !== packed.digest) {
    throw new Error(`layer ${name} has other digests when it is read than when it was written`);
  }
  await adoptDirectories(context, { layer: layer.directory, lower, paths: layer.implied, signal });
  return layer.directory;
}

/** Paths below the root, with the directories that a runtime makes on the way to them. */
function withParents(mountPoints: readonly string[]): readonly string[] {
  const paths = new Set<string>();
  for (const point of mountPoints) {
    const parts = point.split('/').filter((part) => part !== '' && part !== '.');
    for (const index of parts.keys()) paths.add(parts.slice(0, index + 1).join('/'));
  }
  return [...paths];
}

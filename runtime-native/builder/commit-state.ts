import { commitImages } from '../images/commit-image.ts';
import { type CommittedLayer, commitLayer } from '../images/commit-layer.ts';
import { makeManifest } from '../images/make-manifest.ts';
import type { BuildSession } from './build-session.ts';
import { imageLayers } from './image-layers.ts';

/**
 * Makes a layer of what an overlay's upper directory changes and keeps it as an image without a name: the state after a
 * step. Equal layers give the same image.
 */
export async function commitState(
  session: BuildSession,
  request: {
    readonly parent: string | undefined;
    readonly upper: string;
    /** See `LayerCommit`. */
    readonly givesUpper?: boolean;
    readonly mountPoints?: readonly string[];
  },
): Promise<{ readonly imageId: string; readonly sizeBytes: number }> {
  const { store, workspace, images } = session;
  const below = request.parent === undefined ? [] : imageLayers(store, request.parent);
  const { sourceDateEpoch } = session.request;
  const layer: CommittedLayer = await commitLayer(store, {
    workspace,
    name: session.uniqueName('layer'),
    upper: request.upper,
    givesUpper: request.givesUpper,
    lower: request.parent === undefined ? [] : images.lowerDirectories(request.parent),
    parent: below.at(-1)?.chainId,
    compression: 'zstd',
    signal: session.signal,
    ...(request.mountPoints === undefined ? {} : { mountPoints: request.mountPoints }),
    ...(sourceDateEpoch === undefined ? {} : { clampTime: sourceDateEpoch }),
  });
  session.signal.throwIfAborted();
  const layers = [...below, layer];
  const config = stateConfig(
    session.platform,
    layers.map((one) => one.diffId),
  );
  const [imageId = ''] = commitImages(store, workspace, [
    { config, manifest: makeManifest(store, config, layers), layers, references: [] },
  ]);
  return { imageId, sizeBytes: layer.sizeBytes };
}

/** Configuration of the image that a state is: nothing but its layers, so that equal files give the same image. */
export function stateConfig(platform: string, diffIds: readonly string[]): string {
  const [os = 'linux', architecture = ''] = platform.split('/');
  return JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    os,
    architecture,
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
}

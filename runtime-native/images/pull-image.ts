import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageSummary, PullProgress } from '#core/engine/specs.ts';
import { commitImages } from './commit-image.ts';
import { digestHex } from './digest.ts';
import { explainFailure } from './explain-failure.ts';
import { type Descriptor, parseManifest } from './image-document.ts';
import { summarise } from './image-queries.ts';
import type { ImageStoreContext, RegistryContext } from './image-store-context.ts';
import { hostPlatform, type Platform, parsePlatform } from './platform.ts';
import { formatReference, parseReference, type Reference } from './reference.ts';
import { layerClaims } from './registry/claim-layers.ts';
import { downloadBlob } from './registry/download-blob.ts';
import { pullFailure } from './registry/failure.ts';
import { fetchConfig, fetchManifest } from './registry/fetch-documents.ts';
import { openForPull, type PullClient } from './registry/open-repository.ts';
import type { RegistryConnections } from './registry/registry-connections.ts';
import { RegistryError } from './registry/registry-error.ts';
import { durationText } from './registry/retry-delay.ts';
import { sweepDownloads } from './registry/sweep-downloads.ts';
import { type LayerRequest, stageImage } from './stage-image.ts';
import { openWorkspace, sweepWorkspaces, type Workspace } from './workspace.ts';

/** Shorter waits are not worth a message. */
const toldWaitMs = 3000;

export interface PullRequest {
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches an image from its registry. See `ImageStore.pull`. */
export async function pullImage(context: RegistryContext, request: PullRequest): Promise<ImageSummary> {
  const reference = parseReference(request.reference);
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  try {
    return await explainFailure(context, request.reference, () => pull(context, { ...request, reference, platform }));
  } catch (error) {
    throw pullFailure(request.reference, error);
  }
}

interface ParsedPull {
  readonly reference: Reference;
  readonly platform: Platform;
  readonly onProgress: PullRequest['onProgress'];
  readonly signal?: AbortSignal | undefined;
}

async function pull(context: RegistryContext, request: ParsedPull): Promise<ImageSummary> {
  const { reference, platform, onProgress, signal } = request;
  await sweepWorkspaces(context);
  sweepDownloads(context, Date.now());
  await using claims = layerClaims(context, {
    onWait: () => onProgress({ phase: 'waiting', doneBytes: 0, totalBytes: 0 }),
    signal,
  });
  await using workspace = openWorkspace(context);
  onProgress({ phase: 'resolving', doneBytes: 0, totalBytes: 0 });
  const connections = await context.connections();
  const client = pullClient(context, request, connections);
  const source = formatReference(reference);
  const manifest = await fetchManifest(client, { name: reference.digest ?? reference.tag ?? 'latest', platform, source });
  const { config, layers } = parseManifest(manifest, source);
  refuseForeign(layers);
  await checkSpace(context, layers);
  // All at once, so that the sum is known from the beginning.
  for (const layer of layers) onProgress({ ...layerProgress(layer), phase: 'resolving', doneBytes: 0 });
  const session = { context, workspace, source, signal, layers: new Map(), claimLayer: claims.claim };
  const staged = await stageImage(session, {
    config: await fetchConfig(client, config),
    manifest,
    layers: layers.map((layer, i) =>
      layerRequest(layer, { context, connections, client, workspace, onProgress, signal, name: `pull-${i}` }),
    ),
    references: [nameOf(reference)],
    onLayer: (_layer, i) => onProgress({ ...layerProgress(layers[i]), phase: 'done' }),
  });
  signal?.throwIfAborted();
  const [id = ''] = commitImages(context, workspace, [staged]);
  const summary = summarise(context, id);
  if (summary === undefined) throw new Error(`image ${id} vanished while it was being pulled`);
  onProgress({ phase: 'done', doneBytes: summary.sizeBytes, totalBytes: summary.sizeBytes });
  return summary;
}

function pullClient(context: ImageStoreContext, { reference, signal }: ParsedPull, connections: RegistryConnections): PullClient {
  const { registry } = reference;
  return openForPull({
    reference,
    connections,
    signal,
    onWait: ({ delayMs }) => {
      if (delayMs >= toldWaitMs) context.notice?.(diagnose('engine.registry-wait', { registry, wait: durationText(delayMs) }));
    },
    onMirrorFailure: (mirror, { message: reason }) =>
      context.notice?.(diagnose('engine.mirror-failed', { mirror, registry, reason })),
  });
}

/** With a digest the tag says nothing. */
function nameOf(reference: Reference): string {
  const { registry, repository, digest } = reference;
  return digest === undefined ? formatReference(reference) : formatReference({ registry, repository, digest });
}

/** Their content is elsewhere, by URLs that anybody may have written. */
function refuseForeign(layers: readonly Descriptor[]): void {
  const foreign = layers.find((layer) => /foreign|nondistributable/.test(layer.mediaType));
  if (foreign === undefined) return;
  throw new RegistryError(`layer ${foreign.digest} lies outside of the registry (${foreign.mediaType})`, {
    advice: 'such layers belong to Windows images, which do not run here',
  });
}

/** Before anything is fetched: archives that cannot fit. What they unpack to is bounded where it is written. */
async function checkSpace(context: ImageStoreContext, layers: readonly Descriptor[]): Promise<void> {
  const isHere = context.database.prepare('SELECT 1 FROM image_layers WHERE blob = ? LIMIT 1');
  const wanted = layers.filter(({ digest }) => isHere.get(digest) === undefined).reduce((sum, { size }) => sum + size, 0);
  const { bavail, bsize } = await statfs(context.paths.root);
  if (wanted > bavail * bsize) throw new TscomposeError(diagnose('engine.disk-full', { path: context.paths.root }));
}

interface LayerContext {
  readonly context: ImageStoreContext;
  readonly connections: RegistryConnections;
  readonly client: PullClient;
  readonly workspace: Workspace;
  readonly name: string;
  readonly onProgress: PullRequest['onProgress'];
  readonly signal: AbortSignal | undefined;
}

function layerRequest(descriptor: Descriptor, layer: LayerContext): LayerRequest {
  const { context, connections, client, workspace, name, onProgress, signal } = layer;
  return {
    descriptor,
    isOwnFile: true,
    mayComeAgain: true,
    open: async (attempt) => {
      const target = join(workspace.path, `${name}-${attempt}.download`);
      const report = (phase: PullProgress['phase'], doneBytes: number) =>
        onProgress({ ...layerProgress(descriptor), phase, doneBytes });
      const isAgain = attempt > 1;
      // What was damaged may have come from a mirror, or have been begun by an earlier command.
      const download = { context, client: isAgain ? client.origin : client, fromStart: isAgain };
      await connections.downloads(() =>
        downloadBlob({ ...download, descriptor, target, onBytes: (done) => report('downloading', done), signal }),
      );
      report('unpacking', descriptor.size);
      return { path: target, offset: 0, length: descriptor.size };
    },
  };
}

function layerProgress(descriptor: Descriptor | undefined): Omit<PullProgress, 'phase'> {
  const { digest = '', size = 0 } = descriptor ?? {};
  return { layer: digestHex(digest).slice(0, 12), doneBytes: size, totalBytes: size };
}

import { join } from 'node:path';
import type { ImageSummary, PullProgress } from '#core/engine/specs.ts';
import { commitImages } from './commit-image.ts';
import { digestHex, sha256Digest } from './digest.ts';
import { explainFailure } from './explain-failure.ts';
import { type Descriptor, parseIndex, parseManifest } from './image-document.ts';
import { summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { isIndex } from './media-types.ts';
import { choosePlatform, hostPlatform, type Platform, parsePlatform } from './platform.ts';
import { formatReference, parseReference, type Reference } from './reference.ts';
import { downloadBlob } from './registry/download-blob.ts';
import { pullFailure } from './registry/failure.ts';
import { openForPull } from './registry/open-repository.ts';
import { readManifest } from './registry/read-manifest.ts';
import type { RegistryClient } from './registry/registry-client.ts';
import { RegistryError } from './registry/registry-error.ts';
import { readBytes } from './registry/response-text.ts';
import { type LayerRequest, stageImage } from './stage-image.ts';
import { openWorkspace, sweepWorkspaces, type Workspace } from './workspace.ts';

export interface PullRequest {
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches an image from its registry. See `ImageStore.pull`. */
export async function pullImage(context: ImageStoreContext, request: PullRequest): Promise<ImageSummary> {
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

async function pull(context: ImageStoreContext, request: ParsedPull): Promise<ImageSummary> {
  const { reference, onProgress, signal } = request;
  await sweepWorkspaces(context);
  await using workspace = openWorkspace(context);
  onProgress({ phase: 'resolving', doneBytes: 0, totalBytes: 0 });
  const client = await openForPull({ reference, env: context.env ?? {}, signal });
  const manifest = await fetchManifest(client, reference.digest ?? reference.tag ?? 'latest', request);
  const { config, layers } = parseManifest(manifest, formatReference(reference));
  const foreign = layers.find((layer) => /foreign|nondistributable/.test(layer.mediaType));
  if (foreign !== undefined) throw new RegistryError(`layer ${foreign.digest} lies outside of the registry`);
  const session = { context, workspace, source: formatReference(reference), signal, layers: new Map() };
  const staged = await stageImage(session, {
    config: await fetchDocument(client, config),
    manifest,
    layers: layers.map((layer, i) => layerRequest(layer, { client, workspace, onProgress, signal, name: `pull-${i}` })),
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

/** With a digest the tag says nothing. */
function nameOf(reference: Reference): string {
  const { registry, repository, digest } = reference;
  return digest === undefined ? formatReference(reference) : formatReference({ registry, repository, digest });
}

async function fetchManifest(client: RegistryClient, name: string, request: ParsedPull, depth = 0): Promise<string> {
  const { text, mediaType } = await readManifest(client, name);
  if (!isIndex(mediaType) && !/"manifests"\s*:/.test(text)) return text;
  const chosen = choosePlatform(request.platform, parseIndex(text, formatReference(request.reference)));
  const { os, architecture } = request.platform;
  if (chosen === undefined || depth > 3) throw new RegistryError(`there is no image for ${os}/${architecture}`);
  return fetchManifest(client, chosen.digest, request, depth + 1);
}

async function fetchDocument(client: RegistryClient, descriptor: Descriptor): Promise<string> {
  const bytes = await readBytes(await client.send({ target: `blobs/${descriptor.digest}` }));
  if (sha256Digest(bytes) !== descriptor.digest) throw new RegistryError(`the configuration ${descriptor.digest} is damaged`);
  return bytes.toString();
}

interface LayerContext {
  readonly client: RegistryClient;
  readonly workspace: Workspace;
  readonly name: string;
  readonly onProgress: PullRequest['onProgress'];
  readonly signal: AbortSignal | undefined;
}

function layerRequest(descriptor: Descriptor, context: LayerContext): LayerRequest {
  const { client, workspace, name, onProgress, signal } = context;
  return {
    descriptor,
    isOwnFile: true,
    open: async () => {
      const target = join(workspace.path, `${name}.download`);
      const report = (phase: PullProgress['phase'], doneBytes: number) =>
        onProgress({ ...layerProgress(descriptor), phase, doneBytes });
      await downloadBlob({ client, descriptor, target, onBytes: (done) => report('downloading', done), signal });
      report('unpacking', descriptor.size);
      return { path: target, offset: 0, length: descriptor.size };
    },
  };
}

function layerProgress(descriptor: Descriptor | undefined): Omit<PullProgress, 'phase'> {
  const { digest = '', size = 0 } = descriptor ?? {};
  return { layer: digestHex(digest).slice(0, 12), doneBytes: size, totalBytes: size };
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { atomicWrite } from '../../host/atomic-write.ts';
import { sha256Digest } from '../../images/digest.ts';
import type { RegistryContext } from '../../images/image-store-context.ts';
import { mediaTypes } from '../../images/media-types.ts';
import { registryConnections } from '../../images/registry/registry-connections.ts';
import { blobPath } from '../../images/stage-layer.ts';
import type { BuildSession, DoneStep } from '../build-session.ts';
import { imageLayers } from '../image-layers.ts';
import { type CacheDocument, type CacheLayer, cacheDocumentText, cacheMediaType } from './cache-document.ts';
import { describeStep, stepsOf } from './done-steps.ts';
import { openCacheTarget } from './open-cache-target.ts';

type Exporting = Pick<
  BuildSession,
  'context' | 'store' | 'request' | 'all' | 'signal' | 'workspace' | 'uniqueName' | 'doneSteps' | 'emit' | 'nextStep'
>;

/** Leaves what the build knows where `cache_to` says. Rejects with `build.cache-export-failed` unless that may be ignored. */
export async function exportCache(session: Exporting, target: number): Promise<void> {
  const { cacheTo = [] } = session.request;
  for (const place of cacheTo) {
    if (place.type === 'inline') continue;
    const label = place.type === 'local' ? place.directory : place.reference;
    const step = session.nextStep();
    const title = `exporting cache to ${label}`;
    const started = performance.now();
    session.emit({ type: 'step', step, title, state: 'started' });
    try {
      await exportTo(session, place, place.mode === 'max' ? session.doneSteps : stepsOf(session, target));
      session.emit({ type: 'step', step, title, state: 'done', elapsedMs: performance.now() - started });
    } catch (error) {
      session.emit({ type: 'step', step, title, state: 'failed', elapsedMs: performance.now() - started });
      session.signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      const failure = diagnose('build.cache-export-failed', { cache: label, reason: error.message });
      if (!place.ignoreError) throw new TscomposeError(failure, { cause: error });
      session.context.notice({ ...failure, severity: 'warning' });
    }
  }
}

function documentOf(session: Exporting, steps: readonly DoneStep[]): CacheDocument {
  const layers: CacheLayer[] = [];
  const known = new Map<string, number>();
  const images = [...new Set(steps.map(({ imageId }) => imageId))];
  const described = images.flatMap((imageId) => {
    let parent: number | undefined;
    for (const { chainId, diffId, blob, mediaType } of imageLayers(session.store, imageId)) {
      let index = known.get(chainId);
      if (index === undefined) {
        index = layers.length;
        const { size } = statSync(blobPath(session.store, blob.digest));
        layers.push({ diffId, blob: { mediaType, digest: blob.digest, size }, ...(parent === undefined ? {} : { parent }) });
        known.set(chainId, index);
      }
      parent = index;
    }
    return describeStep(session, imageId, parent ?? -1);
  });
  return { layers, steps: described };
}

async function exportTo(
  session: Exporting,
  place: Parameters<typeof openCacheTarget>[1],
  steps: readonly DoneStep[],
): Promise<void> {
  const { store, signal, workspace } = session;
  const connections = registryConnections(session.context.env);
  const context: RegistryContext = { ...store, connections: async () => connections };
  const document = documentOf(session, steps);
  const text = cacheDocumentText(document);
  const config = { mediaType: cacheMediaType, digest: sha256Digest(text), size: Buffer.byteLength(text) };
  const blobs = [...new Map(document.layers.map(({ blob }) => [blob.digest, blob])).values()];
  const opened = await openCacheTarget(context, place, signal);
  for (const { digest, size } of blobs) {
    signal.throwIfAborted();
    await opened.put({ path: blobPath(store, digest), digest, sizeBytes: size });
  }
  const path = join(workspace.path, session.uniqueName('cache'));
  atomicWrite({ path, data: text, mode: 0o600 });
  await opened.put({ path, digest: config.digest, sizeBytes: config.size });
  await opened.finish(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: blobs }));
}

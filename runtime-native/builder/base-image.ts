import { type BuildImage, type HistoryEntry, scratchImage } from '#core/builder/build-image.ts';
import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { Span } from '#core/source/span.ts';
import { parsePlatform, platformFit } from '../images/platform.ts';
import type { BuildSession, BuiltStage } from './build-session.ts';
import { imageLayers } from './image-layers.ts';

/** The image that a reference names, fetched when it is not here (or when the build asks for newer ones). */
export async function resolveImage(session: BuildSession, reference: string, platform?: string): Promise<BuiltStage> {
  const { images, request, signal } = session;
  const wanted = platform ?? session.platform;
  let image = images.inspect(reference);
  if (image !== undefined && !isFor(image, wanted)) image = undefined;
  if (image === undefined || (request.pull && !isLocalOnly(image, reference))) {
    const step = session.nextStep();
    const title = `FROM ${reference}`;
    const started = performance.now();
    session.emit({ type: 'step', step, title, state: 'started' });
    try {
      image = await images.pull(reference, { platform: wanted }, () => {}, signal);
    } catch (error) {
      session.emit({ type: 'step', step, title, state: 'failed', elapsedMs: performance.now() - started });
      throw error;
    }
    session.emit({ type: 'step', step, title, state: 'done', elapsedMs: performance.now() - started });
  }
  return asStage(session, image);
}

/** The empty image. */
export function scratchStage(): BuiltStage {
  return { imageId: undefined, image: scratchImage };
}

/** Refuses platforms that RUN could not execute. */
export function checkPlatform(session: BuildSession, platform: string, at: Span): string {
  const wanted = parsePlatform(platform);
  const own = parsePlatform(session.args.buildPlatform);
  if (platformFit(own, wanted) > 0) return platform;
  throw new TscomposeError(
    diagnose(
      'build.unsupported',
      { what: `platform "${platform}"`, reason: `this machine is ${session.args.buildPlatform}, and there is no emulation` },
      at,
    ),
  );
}

function isFor(image: ImageSummary, platform: string): boolean {
  return image.platform.architecture === '' || platformFit(parsePlatform(platform), image.platform) > 0;
}

/** Imported or built here: no registry has it. */
function isLocalOnly(image: ImageSummary, reference: string): boolean {
  return reference.startsWith('sha256:') || image.references.length === 0;
}

function asStage(session: BuildSession, image: ImageSummary): BuiltStage {
  const layers = imageLayers(session.store, image.id);
  const document = documentOf(session, image.id);
  const history = Array.isArray(document['history']) ? document['history'].filter(isHistory) : [];
  const author = typeof document['author'] === 'string' ? { author: document['author'] } : {};
  const described: BuildImage = {
    config: image.config,
    history: history.length === 0 ? layers.map(() => ({})) : history,
    ...author,
  };
  if (layers.length === 0) return { ...scratchStage(), image: described };
  return { imageId: image.id, image: described };
}

function documentOf(session: BuildSession, imageId: string): Readonly<Record<string, unknown>> {
  const row = session.store.database.prepare('SELECT config FROM images WHERE id = ?').get(imageId);
  const value: unknown = JSON.parse(String(row?.['config'] ?? '{}'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isHistory(value: unknown): value is HistoryEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

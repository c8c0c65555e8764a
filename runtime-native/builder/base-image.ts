import { type BuildImage, type HistoryEntry, scratchImage } from '#core/builder/build-image.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import { transaction } from '../host/database.ts';
import { tagImage } from '../images/commit-image.ts';
import { summarise } from '../images/image-queries.ts';
import { addVariant, findVariant, variantsOf } from '../images/image-variants.ts';
import { hostPlatform, parsePlatform, platformFit } from '../images/platform.ts';
import type { BuildSession, BuiltStage } from './build-session.ts';
import { imageLayers } from './image-layers.ts';

/** The image that a reference names, fetched when it is not here (or when the build asks for newer ones). */
export function resolveImage(session: BuildSession, reference: string, platform?: string): Promise<BuiltStage> {
  // One after the other: stages for several platforms share the name.
  const before = session.resolving.get(reference) ?? Promise.resolve();
  const resolved = before.then(() => resolveNow(session, reference, platform));
  session.resolving.set(
    reference,
    resolved.catch(() => {}),
  );
  return resolved;
}

async function resolveNow(session: BuildSession, reference: string, platform: string | undefined): Promise<BuiltStage> {
  const { images, request } = session;
  const wanted = platform ?? session.platform;
  const named = images.inspect(reference);
  let image = named !== undefined && !isFor(named, wanted) ? otherVariant(session, named, wanted) : named;
  if (image === undefined || (request.pull && !isLocalOnly(image, reference))) {
    const step = session.nextStep();
    const title = `FROM ${reference}`;
    const started = performance.now();
    session.emit({ type: 'step', step, title, state: 'started' });
    try {
      image = await pullBeside(session, { reference, platform: wanted, named });
    } catch (error) {
      session.emit({ type: 'step', step, title, state: 'failed', elapsedMs: performance.now() - started });
      throw error;
    }
    session.emit({ type: 'step', step, title, state: 'done', elapsedMs: performance.now() - started });
  }
  return asStage(session, image, wanted);
}

/** The empty image. */
export function scratchStage(platform: string): BuiltStage {
  return { imageId: undefined, image: scratchImage, platform };
}

function otherVariant({ store }: BuildSession, named: ImageSummary, platform: string): ImageSummary | undefined {
  for (const reference of named.references) {
    const id = findVariant(store, reference, parsePlatform(platform));
    if (id !== undefined) return summarise(store, id);
  }
  return undefined;
}

/** A name goes on meaning what runs here; what is fetched for another platform stands behind it. */
async function pullBeside(
  session: BuildSession,
  wish: { readonly reference: string; readonly platform: string; readonly named: ImageSummary | undefined },
): Promise<ImageSummary> {
  const { images, signal, store } = session;
  const { reference, platform, named } = wish;
  const known = new Map((named?.references ?? []).map((one) => [one, variantsOf(store, one)]));
  const image = await images.pull(reference, { platform }, () => {}, signal);
  const name = named?.references.find((one) => image.references.includes(one));
  if (named === undefined || name === undefined || named.id === image.id) return image;
  const others = (known.get(name) ?? []).filter(
    (id) => summarise(store, id)?.platform.architecture !== image.platform.architecture,
  );
  const runsHere = (one: ImageSummary): boolean => platformFit(hostPlatform(), one.platform) > 0;
  // Two that run here are an old and a new one.
  if (runsHere(image) && runsHere(named)) return image;
  const [main, behind] = runsHere(image) ? [image, named] : [named, image];
  transaction(store.database, () => {
    tagImage(store, { reference: name, id: main.id, now: new Date().toISOString() });
    for (const id of [...others, behind.id]) addVariant(store, { reference: name, image: id });
  });
  return image;
}

function isFor(image: ImageSummary, platform: string): boolean {
  return image.platform.architecture === '' || platformFit(parsePlatform(platform), image.platform) > 0;
}

/** Imported or built here: no registry has it. */
function isLocalOnly(image: ImageSummary, reference: string): boolean {
  return reference.startsWith('sha256:') || image.references.length === 0;
}

function asStage(session: BuildSession, image: ImageSummary, wanted: string): BuiltStage {
  const layers = imageLayers(session.store, image.id);
  const document = documentOf(session, image.id);
  const history = Array.isArray(document['history']) ? document['history'].filter(isHistory) : [];
  const author = typeof document['author'] === 'string' ? { author: document['author'] } : {};
  const described: BuildImage = {
    config: image.config,
    history: history.length === 0 ? layers.map(() => ({})) : history,
    ...author,
  };
  const { os, architecture, variant } = image.platform;
  const platform = architecture === '' ? wanted : [os, architecture, variant].filter((one) => one !== undefined).join('/');
  if (layers.length === 0) return { ...scratchStage(platform), image: described };
  return { imageId: image.id, image: described, platform };
}

function documentOf(session: BuildSession, imageId: string): Readonly<Record<string, unknown>> {
  const row = session.store.database.prepare('SELECT config FROM images WHERE id = ?').get(imageId);
  const value: unknown = JSON.parse(String(row?.['config'] ?? '{}'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isHistory(value: unknown): value is HistoryEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

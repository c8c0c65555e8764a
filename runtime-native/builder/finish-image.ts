import type { ImageSummary } from '#core/engine/specs.ts';
import { transaction } from '../host/database.ts';
import { commitImages, tagImage } from '../images/commit-image.ts';
import { sha256Digest } from '../images/digest.ts';
import { summarise } from '../images/image-queries.ts';
import { makeManifest } from '../images/make-manifest.ts';
import type { BuildSession, BuiltStage } from './build-session.ts';
import { inlineMember } from './cache/cache-document.ts';
import { inlineSteps } from './cache/done-steps.ts';
import { imageLayers } from './image-layers.ts';

/** The target stage becomes an image with its names. The same stage gives the same image id. */
export function finishImage(
  session: BuildSession,
  stage: BuiltStage,
  { references }: { readonly references: readonly string[] },
): ImageSummary {
  const { store, workspace, request } = session;
  // What the user names wins over what the base image is for.
  const platform = request.platform === undefined && request.platforms === undefined ? stage.platform : session.platform;
  const layers = stage.imageId === undefined ? [] : imageLayers(store, stage.imageId);
  const { history, author, config } = stage.image;
  const [os = 'linux', architecture = '', variant] = platform.split('/');
  const labels = { ...config.Labels, ...request.labels };
  const created = history.findLast((one) => one.created !== undefined)?.created ?? session.now();
  const document = JSON.stringify({
    created,
    ...(author === undefined ? {} : { author }),
    architecture,
    ...(variant === undefined ? {} : { variant }),
    os,
    config: { ...config, ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }) },
    rootfs: { type: 'layers', diff_ids: layers.map((one) => one.diffId) },
    history: history.map(({ created: date, ...entry }) => ({ created: date ?? created, ...entry })),
    [inlineMember]: inlineSteps(session, session.target),
  });
  const known = nameKnownImage(session, sha256Digest(document), references);
  if (known !== undefined) return known;
  const manifest = makeManifest(store, document, layers);
  const [id = ''] = commitImages(store, workspace, [{ config: document, manifest, layers, references }]);
  const summary = summarise(store, id);
  if (summary === undefined) throw new Error(`image ${id} vanished while it was being built`);
  return summary;
}

/** A warm build ends here: the image is in the store, so that only its names may have to be set. */
function nameKnownImage({ store }: BuildSession, id: string, references: readonly string[]): ImageSummary | undefined {
  return transaction(store.database, () => {
    const known = summarise(store, id);
    if (known === undefined) return undefined;
    const now = new Date().toISOString();
    for (const reference of references) if (!known.references.includes(reference)) tagImage(store, { reference, id, now });
    return summarise(store, id);
  });
}

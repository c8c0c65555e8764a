import type { ImageSummary } from '#core/engine/specs.ts';
import { transaction } from '../host/database.ts';
import { addVariant, variantsOf } from '../images/image-variants.ts';
import { hostPlatform, parsePlatform, platformFit } from '../images/platform.ts';
import { formatReference, parseReference } from '../images/reference.ts';
import type { BuildSession, BuiltStage } from './build-session.ts';
import { finishImage } from './finish-image.ts';

interface Built {
  readonly session: BuildSession;
  readonly stage: BuiltStage;
}

/**
 * Makes the images of a build. The names mean the one that runs here, or the first; those for other platforms stand behind it, and a
 * push sends them all as one index.
 */
export function finishImages(built: readonly [Built, ...Built[]]): ImageSummary {
  const [first] = built;
  const main = built.find(({ session }) => platformFit(hostPlatform(), parsePlatform(session.platform)) > 0) ?? first;
  const others = built.filter((one) => one !== main).map((one) => finishImage(one.session, one.stage, { references: [] }));
  const { store, request } = main.session;
  const references = request.references.map((one) => formatReference(parseReference(one)));
  const image = finishImage(main.session, main.stage, { references });
  replaceVariants(
    store,
    references,
    others.map(({ id }) => id),
  );
  return image;
}

function replaceVariants(store: BuildSession['store'], references: readonly string[], others: readonly string[]): void {
  const known = references.map((reference) => variantsOf(store, reference));
  if (known.every((ids) => JSON.stringify(ids) === JSON.stringify(others))) return;
  transaction(store.database, () => {
    for (const reference of references) {
      store.database.prepare('DELETE FROM image_variants WHERE reference = ?').run(reference);
      for (const image of others) addVariant(store, { reference, image });
    }
  });
}

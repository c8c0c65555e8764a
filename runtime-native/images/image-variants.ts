import { summarise } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { type Platform, platformFit } from './platform.ts';

type Store = Pick<ImageStoreContext, 'database'>;

/**
 * Images for other platforms that belong to a name, beside the one that it means on this machine. The database forgets them when
 * the name goes or comes to mean another image.
 */
export function variantsOf({ database }: Store, reference: string): readonly string[] {
  return database
    .prepare('SELECT image FROM image_variants WHERE reference = ? ORDER BY position, image')
    .all(reference)
    .map((row) => String(row['image']));
}

/** Adds an image to those of a name. */
export function addVariant({ database }: Store, variant: { readonly reference: string; readonly image: string }): void {
  database
    .prepare(
      `INSERT INTO image_variants (reference, image, position)
       SELECT ?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM image_variants WHERE reference = ?1)
       WHERE NOT EXISTS (SELECT 1 FROM image_references WHERE reference = ?1 AND image = ?2)
       ON CONFLICT DO NOTHING`,
    )
    .run(variant.reference, variant.image);
}

/** The variant that fits a platform best. */
export function findVariant(context: ImageStoreContext, reference: string, platform: Platform): string | undefined {
  const rated = variantsOf(context, reference).flatMap((id) => {
    const image = summarise(context, id);
    return image === undefined ? [] : [{ id, fit: platformFit(platform, image.platform) }];
  });
  return rated.filter(({ fit }) => fit > 0).sort((a, b) => b.fit - a.fit)[0]?.id;
}

import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { findImage } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { formatReference, parseReference } from './reference.ts';

/** An image that goes into an archive, under these names (normalised). */
export interface SavedImage {
  readonly id: string;
  readonly names: readonly string[];
}

/**
 * Which images and names a list of references means, as with `docker save`: `app:1` that name, `app` every tag of the
 * repository, an id the image without a name. Each image once. Throws `engine.image-not-found`.
 */
export function savedImages(context: ImageStoreContext, references: readonly string[]): readonly SavedImage[] {
  const images = new Map<string, Set<string>>();
  const add = (id: string, names: readonly string[]): void => {
    const known = images.get(id) ?? new Set();
    for (const name of names) known.add(name);
    images.set(id, known);
  };
  for (const text of references) {
    const tags = repositoryTags(context, text);
    if (tags.length > 0) for (const { id, name } of tags) add(id, [name]);
    else {
      const id = findImage(context, text);
      if (id === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: text }));
      add(id, nameOf(context, id, text));
    }
  }
  return [...images].map(([id, names]) => ({ id, names: [...names].sort() }));
}

/** Every tag when the text is a repository name alone. */
function repositoryTags(context: ImageStoreContext, text: string): readonly { readonly id: string; readonly name: string }[] {
  const full = normalised(text);
  if (full === undefined || !full.endsWith(':latest') || text.endsWith(':latest')) return [];
  const repository = full.slice(0, -'latest'.length);
  return context.database
    .prepare('SELECT reference, image FROM image_references WHERE substr(reference, 1, length(?1)) = ?1 ORDER BY reference')
    .all(repository)
    .map((row) => ({ id: String(row['image']), name: String(row['reference']) }))
    .filter(({ name }) => !name.includes('@'));
}

function nameOf(context: ImageStoreContext, id: string, text: string): readonly string[] {
  const name = normalised(text);
  if (name === undefined || name.includes('@')) return [];
  const row = context.database.prepare('SELECT 1 FROM image_references WHERE reference = ? AND image = ?').get(name, id);
  return row === undefined ? [] : [name];
}

function normalised(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (error instanceof TscomposeError) return undefined; // an id
    throw error;
  }
}

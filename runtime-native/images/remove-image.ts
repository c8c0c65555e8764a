import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { transaction } from '../host/database.ts';
import { findImage } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { imageUsers } from './image-users.ts';
import { formatReference, parseReference } from './reference.ts';
import { sweepOrphans } from './sweep-orphans.ts';
import { sweepWorkspaces } from './workspace.ts';

export interface Removal {
  /** References that are gone. */
  readonly untagged: readonly string[];
  /** Images that are gone with their unshared layers. */
  readonly deleted: readonly string[];
}

/**
 * Removes a tag; the last one takes the image with it. By id, all tags go: several only with `force`. An image that a
 * container uses stays: an error, or with `force` it only loses its tags.
 */
export async function removeImage(
  context: ImageStoreContext,
  text: string,
  options: { readonly force?: boolean },
): Promise<Removal> {
  await sweepWorkspaces(context);
  const removal = transaction(context.database, () => removeRows(context, text, options.force ?? false));
  if (removal.deleted.length > 0) await sweepOrphans(context);
  return removal;
}

function removeRows(context: ImageStoreContext, text: string, force: boolean): Removal {
  const { database } = context;
  const id = findImage(context, text);
  if (id === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: text }));
  const all = database.prepare('SELECT reference FROM image_references WHERE image = ? ORDER BY reference').all(id);
  const references = all.map((row) => String(row['reference']));
  const named = namedReference(text, references);
  const untagged = named === undefined ? references : [named];
  const isLast = untagged.length === references.length;
  if (named === undefined && references.length > 1 && !force) {
    const reason = `it has several names (${references.join(', ')}): remove them one by one or with --force`;
    throw new TscomposeError(diagnose('engine.image-invalid', { source: text, reason }));
  }
  const containers = imageUsers(database, id);
  if (isLast && containers.length > 0 && !force) {
    throw new TscomposeError(diagnose('engine.image-in-use', { reference: text, containers }));
  }
  for (const reference of untagged) database.prepare('DELETE FROM image_references WHERE reference = ?').run(reference);
  const isDeleted = isLast && containers.length === 0;
  if (isDeleted) database.prepare('DELETE FROM images WHERE id = ?').run(id);
  return { untagged, deleted: isDeleted ? [id] : [] };
}

/** The tag that the text names; undefined when it names the image by id or digest. */
function namedReference(text: string, references: readonly string[]): string | undefined {
  try {
    const name = formatReference(parseReference(text));
    return references.find((reference) => reference === name);
  } catch (error) {
    if (error instanceof TscomposeError) return undefined; // an id
    throw error;
  }
}

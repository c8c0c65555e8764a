import { runHelper } from '../../images/helper-client.ts';
import type { BuildSession } from '../build-session.ts';

/** Whether the topmost layers of two states of the store hold the same files: paths, kinds, modes, owners, attributes, contents; not times. */
export async function sameFiles(
  session: Pick<BuildSession, 'images' | 'store' | 'signal'>,
  one: string,
  other: string,
): Promise<boolean> {
  if (one === other) return true;
  const [first, second] = await Promise.all([topLayer(session, one), topLayer(session, other)]);
  return first === second;
}

async function topLayer(
  { images, store, signal }: Pick<BuildSession, 'images' | 'store' | 'signal'>,
  imageId: string,
): Promise<string> {
  const [root = ''] = images.lowerDirectories(imageId);
  const request = { op: 'scan', root, paths: [''], recursive: true, digests: true, xattrs: true } as const;
  const answer = await runHelper(request, { helper: store.helper, signal });
  const lines = answer['entries'] as readonly (readonly unknown[])[]; // parser: our own helper's lines
  // Field 6 is the time.
  return JSON.stringify(lines.map((line) => line.toSpliced(6, 1)));
}

/** Forgets a state that nothing needs; its files go with the next sweep. */
export function dropState({ store }: Pick<BuildSession, 'store'>, imageId: string): void {
  store.database
    .prepare(
      `DELETE FROM images WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM build_cache WHERE image = ?1)
       AND NOT EXISTS (SELECT 1 FROM image_references WHERE image = ?1) AND NOT EXISTS (SELECT 1 FROM containers WHERE image_id = ?1)`,
    )
    .run(imageId);
}

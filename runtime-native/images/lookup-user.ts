import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { runHelper } from './helper-client.ts';
import { lowerDirectories, summarise } from './image-queries.ts';
import type { UserLookup } from './image-store.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { resolveUser, type UserFiles } from './user-database.ts';

interface UserRequest {
  readonly user: string;
  readonly groups: readonly string[];
}

/** See `ImageStore.lookupUser`. An image never changes, so that an answer holds as long as the image. */
export async function lookupUser(context: ImageStoreContext, imageId: string, request: UserRequest): Promise<UserLookup> {
  const key = JSON.stringify([request.user, request.groups]);
  const known = context.database.prepare('SELECT answer FROM image_users WHERE image = ? AND request = ?').get(imageId, key);
  if (known !== undefined) return JSON.parse(String(known['answer'])) as UserLookup; // parser: written below
  const answer = resolveUser(await readUserFiles(context.helper, lowerDirectories(context, imageId)), request);
  if ('missing' in answer) throw notFound(context, imageId, answer.missing);
  context.database
    .prepare('INSERT OR IGNORE INTO image_users (image, request, answer) SELECT id, ?2, ?3 FROM images WHERE id = ?1')
    .run(imageId, key, JSON.stringify(answer));
  return answer;
}

/** The two files below a stack of directories, read as regular files of bounded size that no link leads out of. */
export async function readUserFiles(helper: string, lower: readonly string[]): Promise<UserFiles> {
  if (lower.length === 0) return { passwd: '', group: '' };
  const { files } = await runHelper({ op: 'read-files', lower, paths: ['etc/passwd', 'etc/group'] }, { helper });
  const [passwd, group] = Array.isArray(files) ? files : [];
  return { passwd: typeof passwd === 'string' ? passwd : '', group: typeof group === 'string' ? group : '' };
}

function notFound(context: ImageStoreContext, imageId: string, user: string): TscomposeError {
  const image = summarise(context, imageId)?.references[0] ?? imageId;
  return new TscomposeError(diagnose('engine.user-not-found', { image, user }));
}

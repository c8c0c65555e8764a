import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import type { UserLookup } from '../images/image-store.ts';
import { readUserFiles } from '../images/lookup-user.ts';
import { resolveUser } from '../images/user-database.ts';
import { containerStatus } from './alive.ts';
import type { ContainerRow } from './container-rows.ts';

/**
 * Who `user[:group]` is inside a running container: by the passwd and group files that it has now, which may know more than its
 * image. Rejects with `engine.user-not-found`.
 */
export async function execUser(context: EngineContext, row: ContainerRow, user: string): Promise<UserLookup> {
  const state = containerStatus(context, row.id);
  const pid = state.kind === 'live' ? state.status.pid : 0;
  if (pid === 0) throw new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
  const files = await readUserFiles(context.programs.helper, [`/proc/${pid}/root`]);
  const answer = resolveUser(files, { user, groups: row.stored.spec.service.group_add ?? [] });
  if ('missing' in answer) {
    throw new TscomposeError(diagnose('engine.user-not-found', { image: row.stored.spec.image, user: answer.missing }));
  }
  return answer;
}

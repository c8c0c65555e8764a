import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { BuildSession, BuildState } from './build-session.ts';

/** Numeric owner for `user[:group]`; names are those of the image's own files. A number alone is the group too. */
export async function ownerOf(
  session: BuildSession,
  state: BuildState,
  text: string,
): Promise<{ readonly uid: number; readonly gid: number }> {
  const [user = '', group = ''] = text.split(':');
  const numbers = numeric(user, group);
  if (numbers !== undefined) return numbers;
  if (state.imageId === undefined) {
    throw new TscomposeError(
      diagnose('build.dockerfile-invalid', { reason: `an empty image has no user "${text}": use numbers` }),
    );
  }
  const whole = /^\d+$/.test(user) && group === '' ? `${user}:${user}` : text.replace(/:$/, '');
  const { uid, gid } = await session.images.lookupUser(state.imageId, { user: whole === '' ? '0' : whole, groups: [] });
  return { uid, gid };
}

function numeric(user: string, group: string): { readonly uid: number; readonly gid: number } | undefined {
  if (!/^\d+$/.test(user) || !/^\d*$/.test(group)) return undefined;
  return { uid: Number(user), gid: group === '' ? Number(user) : Number(group) };
}

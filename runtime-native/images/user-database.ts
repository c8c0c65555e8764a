import type { UserLookup } from './image-store.ts';

/** The two files of an image that say who is who; empty text when it has none. */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

const maxId = 2 ** 31 - 1;

/**
 * Resolves `user[:group]` and extra groups as Docker does (moby/sys user.GetExecUser): a number is always an id, whether
 * listed or not; without an explicit group the user's own and those that list him. Returns the name that is not there.
 */
export function resolveUser(
  files: UserFiles,
  request: { readonly user: string; readonly groups: readonly string[] },
): UserLookup | { readonly missing: string } {
  const [user = '', group = ''] = request.user.split(/:(.*)/s);
  const wanted = user === '' ? '0' : user;
  const entry = rows(files.passwd, 7).find(([name, , uid]) => (isId(wanted) ? Number(uid) === Number(wanted) : name === wanted));
  if (entry === undefined && !isId(wanted)) return { missing: wanted };
  const [name = '', , uid = wanted, ownGid = '0', , home = ''] = entry ?? [];
  const groupRows = rows(files.group, 3);
  const gid = group === '' ? Number(ownGid) : groupId(groupRows, group);
  if (gid === undefined) return { missing: group };
  const listed = group !== '' || name === '' ? [] : groupRows.filter(([, , , members = '']) => members.split(',').includes(name));
  const extra = request.groups.map((one) => ({ one, id: groupId(groupRows, one) }));
  const unknown = extra.find(({ id }) => id === undefined);
  if (unknown !== undefined) return { missing: unknown.one };
  const groups = new Set([...listed.map(([, , id]) => Number(id)), ...extra.map(({ id }) => id ?? 0)]);
  return {
    uid: Number(uid),
    gid,
    groups: [...groups].sort((a, b) => a - b),
    home: home === '' ? '/' : home,
  };
}

function groupId(groupRows: readonly (readonly string[])[], text: string): number | undefined {
  if (isId(text)) return Number(text);
  const id = groupRows.find(([name]) => name === text)?.[2];
  return id === undefined ? undefined : Number(id);
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= maxId;
}

/** Lines of a passwd(5) or group(5) file whose ids are numbers; others are passed over. */
function rows(text: string, fields: number): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((row) => row.length >= fields - 1 && !row[0]?.startsWith('#') && isId(row[2] ?? ''));
}

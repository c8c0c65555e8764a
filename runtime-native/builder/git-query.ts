import { type GitReference, parseGitReference } from '../host/git.ts';

/** What a git address of a Dockerfile or a context asks for. */
export interface GitQuery {
  readonly reference: GitReference;
  /** Commit that it must be, or the beginning of its id. */
  readonly commit?: string;
  readonly keepsGitDirectory?: boolean;
  readonly submodules?: boolean;
}

const known = ['ref', 'branch', 'tag', 'subdir', 'commit', 'checksum', 'keep-git-dir', 'submodules'];

/**
 * Reads `url?branch=b&subdir=d` (also `tag`, `ref`, `commit` or `checksum`, `keep-git-dir`, `submodules`) and the older `url#ref:subdirectory`. A
 * query that is not ours belongs to the server. Returns the reason when it says two things at once.
 */
export function parseGitQuery(url: string): GitQuery | string {
  const reference = parseGitReference(url);
  const at = reference.repository.indexOf('?');
  if (at === -1) return { reference };
  const query = new URLSearchParams(reference.repository.slice(at + 1));
  if (![...query.keys()].some((name) => known.includes(name))) return { reference };
  const foreign = [...query.keys()].find((name) => !known.includes(name));
  if (foreign !== undefined) return `the query has the unknown name "${foreign}"; it takes ${known.join(', ')}`;
  const named = ['ref', 'branch', 'tag'].filter((name) => query.has(name));
  if (named.length > 1 || (named.length === 1 && reference.ref !== '')) return 'it names two references';
  const commit = query.get('commit') ?? query.get('checksum') ?? undefined;
  if (commit !== undefined && !/^[0-9a-f]{7,64}$/.test(commit)) return `"${commit}" is no commit`;
  const [branch, tag] = [query.get('branch'), query.get('tag')];
  const ref = branch !== null ? `refs/heads/${branch}` : tag !== null ? `refs/tags/${tag}` : query.get('ref');
  const isOn = (name: string): boolean | undefined => {
    const value = query.get(name);
    return value === null ? undefined : !['false', '0'].includes(value);
  };
  const [keepsGitDirectory, submodules] = [isOn('keep-git-dir'), isOn('submodules')];
  return {
    reference: {
      repository: reference.repository.slice(0, at),
      ref: ref ?? (reference.ref !== '' ? reference.ref : (commit ?? '')),
      subdirectory: query.get('subdir') ?? reference.subdirectory,
    },
    ...(commit === undefined ? {} : { commit }),
    ...(keepsGitDirectory === undefined ? {} : { keepsGitDirectory }),
    ...(submodules === undefined ? {} : { submodules }),
  };
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolveEntry } from '#core/builder/file-entry.ts';
import { type PlaceJob, runHelper } from '../images/helper-client.ts';
import type { BuildSession } from './build-session.ts';
import type { SourceTree } from './source-tree.ts';

/** Copies what lies at a path of a tree to a directory of the host; returns the copy's path, or undefined when nothing is there. */
export async function materialise(
  session: BuildSession,
  request: { readonly source: SourceTree; readonly path: string; readonly directory: string },
): Promise<string | undefined> {
  const { source, directory } = request;
  const root = resolveEntry(source.tree, request.path);
  if (root === undefined) return undefined;
  mkdirSync(directory, { mode: 0o755 });
  const jobs: PlaceJob[] = [];
  for (const entry of source.tree.values()) {
    const isRoot = entry.path === root.path;
    if (!isRoot && root.path !== '' && !entry.path.startsWith(`${root.path}/`)) continue;
    const below = isRoot ? '' : entry.path.slice(root.path === '' ? 0 : root.path.length + 1);
    const kind = entry.type === 'directory' ? 'd' : entry.type === 'file' ? 'f' : 'n';
    jobs.push([kind, entry.path, below === '' ? 'root' : `root/${below}`, entry.mode]);
  }
  // Directories before what is in them.
  jobs.sort((a, b) => (a[2] < b[2] ? -1 : 1));
  const owner = source.keepsOwner ? {} : { uid: 0, gid: 0 };
  await runHelper(
    { op: 'place', source: source.root, target: { root: directory }, ...owner, xattrs: source.keepsOwner, jobs },
    { helper: session.store.helper, signal: session.signal },
  );
  return join(directory, 'root');
}

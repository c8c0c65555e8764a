import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { diagnose } from '#core/builder/catalogue.ts';
import type { FileEntry } from '#core/builder/file-entry.ts';
import type { Placement } from '#core/builder/select-files.ts';
import type { CopyStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { findProgram } from '../host/programs.ts';
import { type PlaceJob, runHelper } from '../images/helper-client.ts';
import type { BuildSession } from './build-session.ts';
import type { Overlay } from './overlay.ts';
import type { SourceTree } from './source-tree.ts';

/** Files that ADD unpacks instead of copying. */
export type Archives = readonly { readonly entry: FileEntry; readonly to: string; readonly compression: Compression }[];

type Compression = 'native' | 'bzip2' | 'xz';

/** First bytes of what ADD unpacks (Dockerfile reference: identity, gzip, bzip2, xz; zstd as BuildKit). */
const magics: readonly (readonly [string, Compression])[] = [
  ['1f8b', 'native'],
  ['28b52ffd', 'native'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
];

/** Separates the archives among the files that ADD names. A plain tar is told by its name: its content decides later. */
export function splitArchives(
  step: CopyStep,
  source: SourceTree,
  placements: readonly Placement[],
): { readonly placements: readonly Placement[]; readonly archives: Archives } {
  if (step.unpack === 'never' || (step.unpack === 'local' && source.label === remoteLabel)) return { placements, archives: [] };
  const archives: { entry: FileEntry; to: string; compression: Compression }[] = [];
  const rest = placements.filter((one) => {
    const compression =
      one.entry.type === 'file' && !isBelowDirectory(one, placements) ? compressionOf(one.entry, source) : undefined;
    if (compression !== undefined) archives.push({ entry: one.entry, to: step.dest.replace(/\/$/, ''), compression });
    return compression === undefined;
  });
  return { placements: rest, archives };
}

/** Label of trees that were fetched: ADD leaves their archives alone. */
export const remoteLabel = 'the address';

/** Only files that the instruction names are unpacked, not those of a directory that it copies. */
function isBelowDirectory(one: Placement, placements: readonly Placement[]): boolean {
  return placements.some(
    ({ entry, isTop }) =>
      isTop && entry.type === 'directory' && (entry.path === '' || one.entry.path.startsWith(`${entry.path}/`)),
  );
}

function compressionOf(entry: FileEntry, source: SourceTree): Compression | undefined {
  const [content = ''] = (source.digests.get(entry.path) ?? '').split(' ');
  const magic = content.slice(64);
  const found = magics.find(([start]) => magic.startsWith(start))?.[1];
  return found ?? (/\.tar$/.test(entry.path) ? 'native' : undefined);
}

/** Unpacks archives into the overlay; what turns out to be none is copied as a file. */
export async function addArchives(
  session: BuildSession,
  request: { readonly source: SourceTree; readonly archives: Archives; readonly target: Overlay },
): Promise<void> {
  const { source, target } = request;
  const { helper } = session.store;
  for (const { entry, to, compression } of request.archives) {
    const place = { op: 'add-archive', target, to: to.slice(1) } as const;
    const answer =
      compression === 'native'
        ? await runHelper({ ...place, source: source.root, from: entry.path }, { helper, signal: session.signal })
        : await runHelper(place, {
            helper,
            signal: session.signal,
            stream: await decompressed(session, { source, entry, compression }),
          });
    if (answer['isArchive'] === true) continue;
    const name = entry.path.split('/').at(-1) ?? '';
    const jobs: readonly PlaceJob[] = [['F', entry.path, `${to.slice(1)}/${name}`.replace(/^\//, ''), entry.mode]];
    await runHelper({ op: 'place', source: source.root, target, uid: 0, gid: 0, jobs }, { helper, signal: session.signal });
  }
}

/** By the host's own program, from a copy that was taken with the native resolver. */
async function decompressed(
  session: BuildSession,
  { source, entry, compression }: { source: SourceTree; entry: FileEntry; compression: 'bzip2' | 'xz' },
): Promise<Readable> {
  const program = findProgram(compression);
  if (program === undefined) {
    const what = `the archive "${entry.path}"`;
    throw new TscomposeError(diagnose('build.unsupported', { what, reason: `"${compression}" is not installed` }));
  }
  const directory = join(session.workspace.path, session.uniqueName('archive'));
  mkdirSync(directory, { mode: 0o700 });
  const jobs: readonly PlaceJob[] = [['F', entry.path, 'archive', 0o600]];
  await runHelper(
    { op: 'place', source: source.root, target: { root: directory }, uid: 0, gid: 0, jobs },
    { helper: session.store.helper },
  );
  const child = spawn(program, ['-dc', join(directory, 'archive')], {
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: session.signal,
  });
  // The helper sees an archive that ends too early, and says so.
  child.on('error', () => child.stdout.destroy());
  return child.stdout;
}

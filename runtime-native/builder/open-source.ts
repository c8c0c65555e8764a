import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import type { FileEntry } from '#core/builder/file-entry.ts';
import { isExcluded, type PathPattern, parseIgnoreFile } from '#core/builder/path-pattern.ts';
import type { Origin } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { resolveImage } from './base-image.ts';
import type { BuildSession } from './build-session.ts';
import { contentStamps } from './content-stamps.ts';
import { fetchContext, isRemote } from './remote-context.ts';
import { type SourceTree, scanDirectory, scanTree } from './source-tree.ts';

/** An image that files come from. */
export interface ImageSource {
  readonly imageId: string | undefined;
  readonly label: string;
}

/** The image behind an origin, when it is one: a stage, an image, or a named context that is an image. */
export async function imageSource(session: BuildSession, origin: Origin): Promise<ImageSource | undefined> {
  switch (origin.kind) {
    case 'context':
      return undefined;
    case 'stage': {
      const { imageId } = await session.stage(origin.index);
      const name = session.all.stages[origin.index]?.name ?? String(origin.index);
      return { imageId, label: `stage "${name}"` };
    }
    case 'image': {
      if (origin.reference === 'scratch') return { imageId: undefined, label: 'scratch' };
      const image = await resolveImage(session, origin.reference);
      return { imageId: image.imageId, label: `image "${origin.reference}"` };
    }
    case 'named': {
      const reference = imageContext(session.request.contexts[origin.name] ?? '');
      if (reference === undefined) return undefined;
      const image = await resolveImage(session, reference);
      return { imageId: image.imageId, label: `context "${origin.name}"` };
    }
  }
}

/** Reference of a named context `docker-image://reference`. */
export function imageContext(text: string): string | undefined {
  return text.startsWith('docker-image://') ? text.slice('docker-image://'.length) : undefined;
}

/** The files of the main context or of a named one, scanned once in a build. */
export function contextTree(session: BuildSession, origin: Origin): Promise<SourceTree> {
  const name = origin.kind === 'named' ? origin.name : '';
  const known = session.trees.get(name);
  if (known !== undefined) return known;
  const made = openContextTree(session, name);
  session.trees.set(name, made);
  return made;
}

async function openContextTree(session: BuildSession, name: string): Promise<SourceTree> {
  const written = name === '' ? session.request.context : (session.request.contexts[name] ?? '');
  const directory = isRemote(written) ? await fetchContext(session, written) : written;
  const found = existsSync(directory) ? lstatSync(directory) : undefined;
  if (found === undefined || !(found.isDirectory() || found.isSymbolicLink())) {
    const reason = found === undefined ? 'there is no such directory' : 'it is no directory';
    throw new TscomposeError(diagnose('build.context-unusable', { context: written, reason }));
  }
  const patterns = name === '' ? ignorePatterns(session, directory) : (readIgnore(join(directory, '.dockerignore')) ?? []);
  const digests = new Map<string, string>();
  // What was fetched lies elsewhere the next time.
  const isFetched = directory.startsWith(`${session.workspace.path}/`);
  const stamps = isFetched ? undefined : contentStamps(session.context.paths, JSON.stringify([directory, patterns]));
  const tree = scanDirectory(directory, patterns, (path, stat) => {
    const digest = stamps?.look(path, stat);
    if (digest !== undefined) digests.set(path, digest);
  });
  return {
    root: { root: directory },
    tree,
    keepsOwner: false,
    label: name === '' ? 'the build context' : `context "${name}"`,
    isIgnored: (path) => existsSync(join(directory, path)) && isExcluded(path, patterns),
    digests,
    ...(stamps === undefined ? {} : { stamps }),
  };
}

/** Keeps what this build has learned of the files of its contexts. */
export async function saveStamps({ trees }: Pick<BuildSession, 'trees'>): Promise<void> {
  for (const tree of await Promise.allSettled(trees.values())) if (tree.status === 'fulfilled') tree.value.stamps?.save();
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile wins over `.dockerignore` of the context. */
function ignorePatterns(session: BuildSession, directory: string): readonly PathPattern[] {
  const { path } = session.all.dockerfile.file;
  const own = path === undefined ? undefined : readIgnore(`${path}.dockerignore`);
  return own ?? readIgnore(join(directory, '.dockerignore')) ?? [];
}

const maxIgnoreBytes = 1024 * 1024;

function readIgnore(path: string): readonly PathPattern[] | undefined {
  // A link could lead anywhere; its text would show in what is left out.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > maxIgnoreBytes) return undefined;
  return parseIgnoreFile(readFileSync(path, 'utf8'));
}

/** The files below some paths of an image. */
export async function imageTree(session: BuildSession, source: ImageSource, paths: readonly string[]): Promise<SourceTree> {
  const { imageId, label } = source;
  const lower = imageId === undefined ? [] : session.images.lowerDirectories(imageId);
  const tree = new Map<string, FileEntry>();
  const digests = new Map<string, string>();
  const root = { lower };
  if (lower.length > 0) {
    const request = {
      root,
      paths: [...new Set(paths)],
      recursive: true,
      digests: true,
      xattrs: true,
      follow: true,
      signal: session.signal,
    };
    for (const { entry, content } of await scanTree(session.store, request)) {
      tree.set(entry.path, entry);
      digests.set(entry.path, content);
    }
  }
  if (!tree.has('')) tree.set('', { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 });
  for (const path of [...tree.keys()]) addParents(tree, path);
  return { root, tree, keepsOwner: true, label, isIgnored: () => false, digests };
}

/** Directories above what was scanned: paths are found through them. */
function addParents(tree: Map<string, FileEntry>, path: string): void {
  for (let at = path.lastIndexOf('/'); at !== -1; at = path.lastIndexOf('/', at - 1)) {
    const parent = path.slice(0, at);
    if (!tree.has(parent)) tree.set(parent, { path: parent, type: 'directory', mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 });
  }
}

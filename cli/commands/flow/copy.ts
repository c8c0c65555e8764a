import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { FileRoot, PathStat } from '#core/engine/files.ts';
import { diagnose } from '../../args/catalogue.ts';

/** Links that are followed one after another at most, as the kernel does. */
const longestChain = 40;

/** A path as the user wrote it: absolute, but with what a trailing `/` or `/.` says. */
export interface CopyPath {
  readonly root: FileRoot;
  readonly path: string;
}

export interface Copy {
  readonly engine: Engine;
  readonly from: CopyPath;
  readonly to: CopyPath;
  /** A link at the source is copied as what it leads to. */
  readonly followLink: boolean;
  /** Absent: owners are kept. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly signal: AbortSignal;
}

/**
 * Copies a file or directory as `docker cp` does: into an existing directory under its own name (`/.`: only what is in
 * it), else under the name that the target says; the directory above the target must exist. Rejects with `cli.bad-path`.
 */
export async function copyPath(copy: Copy): Promise<void> {
  const { engine, from, to, owner, signal } = copy;
  const source = await sourceOf(copy);
  const place = await targetOf(engine, to, { isDirectory: source.isDirectory, name: posix.basename(posix.resolve(from.path)) });
  const onlyContents = source.isDirectory && place.isDirectory && /(^|\/)\.$/.test(from.path);
  const as = onlyContents ? '.' : place.name;
  const pipe = new PassThrough();
  const archiving = engine.archivePath(from.root, { path: source.path, as }, pipe, signal).then(
    () => pipe.end(),
    (error: unknown) => {
      pipe.destroy();
      throw error;
    },
  );
  const target = { directory: place.directory, ...(owner === undefined ? {} : { owner }) };
  const extracting = engine.extractArchive(to.root, target, pipe, signal);
  const [archived, extracted] = await Promise.allSettled([archiving, extracting]);
  // Whoever cannot write makes the other fail, too: the writer's reason counts, unless there was nothing to read.
  if (archived.status === 'rejected' && !isBrokenPipe(archived.reason)) throw archived.reason;
  if (extracted.status === 'rejected') throw extracted.reason;
  if (archived.status === 'rejected') throw archived.reason;
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && /EPIPE|premature close|write after end|Broken pipe/i.test(error.message);
}

async function sourceOf({ engine, from, followLink }: Copy): Promise<{ readonly path: string; readonly isDirectory: boolean }> {
  const path = posix.resolve('/', from.path);
  // `link/` is what the link leads to.
  const follows = followLink || /\/\.?$/.test(from.path);
  const found = follows ? await followed(engine, from.root, path) : { path, stat: await engine.statPath(from.root, path) };
  if (found.stat === undefined) throw badPath(from.path, 'there is no such file or directory');
  return { path: found.path, isDirectory: found.stat.type === 'directory' };
}

interface Place {
  /** Existing directory in which the copy gets its name. */
  readonly directory: string;
  readonly name: string;
  /** It is the target itself. */
  readonly isDirectory: boolean;
}

async function targetOf(
  engine: Engine,
  to: CopyPath,
  source: { readonly isDirectory: boolean; readonly name: string },
): Promise<Place> {
  const { path, stat } = await followed(engine, to.root, posix.resolve('/', to.path));
  if (stat?.type === 'directory') return { directory: path, name: source.name, isDirectory: true };
  if (stat !== undefined && source.isDirectory) throw badPath(to.path, 'a directory cannot be copied to a file');
  if (/\/\.?$/.test(to.path) && !source.isDirectory) throw badPath(to.path, 'there is no such directory');
  const directory = posix.dirname(path);
  const above = await followed(engine, to.root, directory);
  if (above.stat?.type !== 'directory') throw badPath(to.path, `there is no directory "${directory}"`);
  return { directory: above.path, name: posix.basename(path), isDirectory: false };
}

/** Follows links at the end of a path; the way to it is the engine's business. */
async function followed(
  engine: Engine,
  root: FileRoot,
  start: string,
): Promise<{ readonly path: string; readonly stat: PathStat | undefined }> {
  let path = start;
  for (let steps = 0; steps < longestChain; steps++) {
    const stat = await engine.statPath(root, path);
    if (stat?.type !== 'link') return { path, stat };
    path = posix.resolve(posix.dirname(path), stat.target ?? '');
  }
  throw badPath(start, 'too many symbolic links');
}

function badPath(path: string, why: string): TscomposeError {
  return new TscomposeError(diagnose('cli.bad-path', { path, why }));
}

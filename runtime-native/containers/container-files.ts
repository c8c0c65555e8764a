import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineFiles, FileRoot, PathStat } from '#core/engine/files.ts';
import type { EngineContext } from '../engine-context.ts';
import { processStartTime } from '../host/process-identity.ts';
import { type ContainerRoot, HelperError, runHelper } from '../images/helper-client.ts';
import { findVolume, volumeData } from '../volumes/stored-volume.ts';
import { volumeSource } from '../volumes/volume-driver.ts';
import { containerStatus } from './alive.ts';
import { type ContainerRow, requireContainer } from './container-rows.ts';
import type { StoredMount } from './stored-container.ts';

type Arguments<K extends keyof EngineFiles> = Parameters<EngineFiles[K]>;

/** What is at a path. See `EngineFiles.statPath`. */
export async function statPath(context: EngineContext, ...[root, path]: Arguments<'statPath'>): Promise<PathStat | undefined> {
  const answer = await explained(context, { root, path }, async (tree) =>
    runHelper({ op: 'scan', paths: [path], ...tree }, { helper: context.programs.helper }),
  );
  const [entry] = answer['entries'] as readonly (readonly [string, string, number, number, number, number, number, string])[]; // our own program
  if (entry === undefined) return undefined;
  const [, letter] = entry;
  if (letter === 'l') return { type: 'link', target: entry[7] };
  return { type: letter === 'f' ? 'file' : letter === 'd' ? 'directory' : 'other' };
}

/** Writes a path as an archive. See `EngineFiles.archivePath`. */
export async function archivePath(
  context: EngineContext,
  ...[root, { path, as }, output, signal]: Arguments<'archivePath'>
): Promise<void> {
  await explained(context, { root, path }, async (tree) =>
    runHelper({ op: 'copy-out', source: tree, path, as }, { helper: context.programs.helper, output, signal }),
  );
}

/** Unpacks an archive. See `EngineFiles.extractArchive`. */
export async function extractArchive(
  context: EngineContext,
  ...[root, { directory, owner }, stream, signal]: Arguments<'extractArchive'>
): Promise<void> {
  await explained(context, { root, path: directory }, async (tree) =>
    runHelper(
      { op: 'copy-in', target: tree, path: directory, ...owner },
      { helper: context.programs.helper, stream: stream as Readable, signal },
    ),
  );
}

/** Finds the tree of a root and gives the helper's refusal the place that it is about. */
async function explained<T>(
  context: EngineContext,
  { root, path }: { readonly root: FileRoot; readonly path: string },
  run: (tree: ContainerRoot) => Promise<T>,
): Promise<T> {
  const row = 'container' in root ? requireContainer(context.database, root.container) : undefined;
  try {
    return await run(row === undefined ? hostRoot() : await containerRoot(context, row));
  } catch (error) {
    if (!(error instanceof HelperError)) throw error;
    const name = row === undefined ? 'this machine' : `container "${row.name}"`;
    throw new TscomposeError(diagnose('engine.copy-failed', { name, path, reason: error.message }), { cause: error });
  }
}

/** What this process sees: the files of the machine, on whatever file system they are mounted. */
function hostRoot(): ContainerRoot {
  return { process: { pid: process.pid, startTime: processStartTime(process.pid) ?? 0 } };
}

/** Of a running container what its first process sees, else its layers with what is mounted into them at a start. */
async function containerRoot(context: EngineContext, row: ContainerRow): Promise<ContainerRoot> {
  const current = containerStatus(context, row.id);
  if (current.kind === 'live' && current.status.pid > 0) {
    return { process: { pid: current.status.pid, startTime: current.status.pidStartTime } };
  }
  const state = context.paths.containerState(row.id);
  const images = await context.images();
  return {
    lower: images.lowerDirectories(row.stored.image.id),
    upper: join(state, 'upper'),
    work: join(state, 'work'),
    mounts: row.stored.mounts.flatMap((mount) => hostMount(context, mount)),
  };
}

/** Host directory or file of a mount; file systems that are only mounted at a start have none. */
function hostMount(context: EngineContext, mount: StoredMount): readonly { source: string; target: string }[] {
  const { target } = mount;
  if (mount.type === 'bind') return [{ source: mount.source, target }];
  if (mount.type !== 'volume' || mount.subpath) return [];
  const volume = findVolume(context.database, mount.volume);
  const source = volume === undefined ? undefined : volumeSource(volume.spec);
  if (source?.kind === 'directory') return [{ source: volumeData(context, mount.volume), target }];
  return source?.kind === 'bind' ? [{ source: source.device, target }] : [];
}

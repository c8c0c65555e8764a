import type { Readable } from 'node:stream';

/** Whose files: a container's, running or not, as its processes see them, or the machine's. */
export type FileRoot = { readonly container: string } | { readonly host: true };

export interface PathStat {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Where a link leads, as written. */
  readonly target?: string;
}

/**
 * Single paths in and out of containers, for `cp`; part of the `Engine`. Paths are absolute; links on the way are resolved inside
 * the root, whatever the processes of a container do meanwhile; the last component is never followed. A container that
 * does not run must not be started meanwhile: its project's lock is held. Reject with `engine.copy-failed`.
 */
export interface EngineFiles {
  /** Undefined: nothing is there. */
  statPath(root: FileRoot, path: string): Promise<PathStat | undefined>;
  /** Writes a file, link or directory as a tar archive in which it is called `as`; `.`: only what is in the directory. The output is left open. */
  archivePath(
    root: FileRoot,
    source: { readonly path: string; readonly as: string },
    output: NodeJS.WritableStream,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Unpacks an archive into an existing directory. Owners are those of the archive, or `owner` for everything. */
  extractArchive(
    root: FileRoot,
    target: { readonly directory: string; readonly owner?: { readonly uid: number; readonly gid: number } },
    input: Readable,
    signal?: AbortSignal,
  ): Promise<void>;
}

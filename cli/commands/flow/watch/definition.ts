import { statSync } from 'node:fs';
import type { Project } from '#core/model/project.ts';
import type { CommandContext } from '../../../context.ts';
import type { LoadWish } from '../load-request.ts';
import { loadFiles } from '../model.ts';

/** A project with the files that it was read from. */
export interface Definition {
  readonly project: Project;
  /** Absolute: compose files, included and extended ones, env files. */
  readonly files: readonly string[];
  /** What the files were like when they were read; see `stateOfFiles`. */
  readonly state: string;
}

/** Loads the project and prints warnings, as `loadModel`. */
export async function loadDefinition(context: CommandContext, wish: LoadWish = {}): Promise<Definition> {
  const startedMs = Date.now();
  const { project, origins } = await loadFiles(context, wish);
  const read = [...origins.values()].flatMap(({ at, replaced }) => [at, ...replaced].map((span) => span.file.path));
  const mentioned = [...project.composeFiles, ...project.envFiles, ...read].filter((path) => path?.startsWith('/') === true);
  const files = [...new Set(mentioned as string[])].sort();
  // Somebody saved one while they were read: which state that was, nobody knows.
  const isSure = files.every((path) => (changedMs(path) ?? 0) < startedMs);
  return { project, files, state: isSure ? stateOfFiles(files) : '' };
}

/** Tells whether files have been written to, replaced, made or removed: equal texts mean no. */
export function stateOfFiles(paths: readonly string[]): string {
  return JSON.stringify(paths.map((path) => [path, changedMs(path)]));
}

/** The kernel's own time of the last change of a file; undefined when it is not there. */
function changedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs;
}

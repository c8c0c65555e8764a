import type { Project } from '#core/model/project.ts';
import type { CommandContext } from '../../../context.ts';
import { type LoadWish, load } from '../model.ts';

/** A project with the files that it was read from. */
export interface Definition {
  readonly project: Project;
  /** Absolute: compose files, included and extended ones, env files. */
  readonly files: readonly string[];
}

/** Loads the project and prints warnings, as `loadModel`. */
export async function loadDefinition(context: CommandContext, wish: LoadWish = {}): Promise<Definition> {
  const { project, origins } = await load(context, wish);
  const read = [...origins.values()].flatMap(({ at, replaced }) => [at, ...replaced].map((span) => span.file.path));
  const files = [...project.composeFiles, ...project.envFiles, ...read].filter((path) => path?.startsWith('/') === true);
  return { project, files: [...new Set(files as string[])].sort() };
}

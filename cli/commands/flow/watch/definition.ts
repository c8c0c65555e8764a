import type { Project } from '#core/model/project.ts';
import type { CommandContext } from '../../../context.ts';
import { type LoadWish, loadRequest } from '../load-request.ts';

/** A project with the files that it was read from. */
export interface Definition {
  readonly project: Project;
  /** Absolute: compose files, included and extended ones, env files. */
  readonly files: readonly string[];
}

/** Loads the project and prints warnings, as `loadModel`. */
export async function loadDefinition(context: CommandContext, wish: LoadWish = {}): Promise<Definition> {
  const { loadProject } = await import('#core/load/load-project.ts');
  const { project, warnings, origins } = await loadProject(loadRequest(context, wish));
  for (const warning of warnings) context.output.diagnostic(warning);
  const read = [...origins.values()].flatMap(({ at, replaced }) => [at, ...replaced].map((span) => span.file.path));
  const files = [...project.composeFiles, ...project.envFiles, ...read].filter((path) => path?.startsWith('/') === true);
  return { project, files: [...new Set(files as string[])].sort() };
}

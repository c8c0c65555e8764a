import { TscomposeError } from '#core/diagnostics/error.ts';
import { nearest } from '#core/diagnostics/nearest.ts';

import type { Loaded } from '#core/load/request.ts';
import type { Project, Service } from '#core/model/project.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { CommandContext } from '../../context.ts';
import { type LoadWish, loadRequest } from './load-request.ts';

/** The project of the files, whole; warnings are printed. Rejects with `load.*`, `interpolate.*`, `model.*`, `cli.cancelled`. */
export async function loadModel(context: CommandContext, wish: LoadWish = {}): Promise<Project> {
  return (await loadFiles(context, wish)).project;
}

/** As `loadModel`, with the place of everything. */
export async function loadFiles(context: CommandContext, wish: LoadWish): Promise<Pick<Loaded, 'project' | 'origins'>> {
  const { loadProject } = await import('#core/load/load-project.ts');
  const { placeOf } = await import('#core/load/place-of.ts');
  const { naming = [], consent, ...rest } = wish;
  const request = loadRequest(context, rest);
  let loaded = await loadProject(request);
  if (naming.some((name) => loaded.project.disabledServices[name] !== undefined))
    loaded = await loadProject({ ...request, profiles: ['*'] });
  const { origins, fetched } = loaded;
  context.output.placedBy((path) => placeOf(origins, path));
  for (const warning of loaded.warnings) context.output.diagnostic(warning);
  if (consent !== undefined && fetched.size > 0) {
    const { acceptFetched } = await import('./accept-fetched.ts');
    await acceptFetched(context, { ...loaded, request, yes: consent.yes });
  }
  const project = context.settings.compatibility ? withCompatibleImages(loaded.project) : loaded.project;
  return { project, origins };
}

/** `--compatibility`: images that are built here and have no name get that of Docker Compose v1. */
function withCompatibleImages(project: Project): Project {
  const services = Object.entries(project.services).map(([name, service]): [string, Service] => {
    const isNamed = service.build === undefined || service.image !== undefined;
    return [name, isNamed ? service : { ...service, image: `${project.name}_${name}` }];
  });
  return { ...project, services: Object.fromEntries(services) };
}

/** A project that may be known by its name only. */
export interface NamedModel {
  readonly name: string;
  /** Absent: not loaded, the containers tell what there is. */
  readonly project?: Project;
}

/**
 * For commands that work without files: with `-p` and no `-f` they are not read; when they cannot be loaded,
 * COMPOSE_PROJECT_NAME is enough. Otherwise as `loadModel`.
 */
export async function optionalModel(context: CommandContext, wish: LoadWish = {}): Promise<NamedModel> {
  const { globals, env } = context;
  const named = globals['project-name'];
  if (named !== undefined && globals.file.length === 0) return { name: named.toLowerCase() };
  try {
    const project = await loadModel(context, wish);
    return { name: project.name, project };
  } catch (error) {
    const fallback = env['COMPOSE_PROJECT_NAME'] ?? '';
    if (!(error instanceof TscomposeError) || fallback === '') throw error;
    return { name: fallback.toLowerCase() };
  }
}

/** For commands that need nothing but the name. */
export async function projectName(context: CommandContext): Promise<string> {
  const named = context.globals['project-name'] ?? context.env['COMPOSE_PROJECT_NAME'] ?? '';
  return named === '' ? (await loadModel(context)).name : named.toLowerCase();
}

/** Rejects with `cli.unknown-service` when a name is none of the known services. */
export function checkServices(names: readonly string[], known: Iterable<string>): void {
  const all = [...new Set(known)].sort();
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length === 0) return;
  throw new TscomposeError(
    unknown.map((service) => diagnose('cli.unknown-service', { service, known: all, nearest: nearest(service, all) })),
  );
}

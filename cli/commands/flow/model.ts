import { TscomposeError } from '#core/diagnostics/error.ts';
import { nearest } from '#core/diagnostics/nearest.ts';
import type { Loaded, LoadRequest } from '#core/load/request.ts';
import type { Project, Service } from '#core/model/project.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { CommandContext } from '../../context.ts';
import { readAll } from '../../read-all.ts';

export interface LoadWish extends Partial<LoadRequest> {
  /** Services of the command line, which need not be the only ones: naming one that a profile disables enables it. */
  readonly naming?: readonly string[];
}

/** The project of the files, whole; warnings are printed. Rejects with `load.*`, `interpolate.*`, `model.*`. */
export async function loadModel(context: CommandContext, wish: LoadWish = {}): Promise<Project> {
  return (await load(context, wish)).project;
}

/** As `loadModel`, with the places that the project's values come from. */
export async function load(context: CommandContext, wish: LoadWish): Promise<Loaded> {
  const { loadProject } = await import('#core/load/load-project.ts');
  const { placeOf } = await import('#core/load/place-of.ts');
  const { naming = [], ...rest } = wish;
  const request = loadRequest(context, rest);
  let loaded = await loadProject(request);
  if (naming.some((name) => loaded.project.disabledServices[name] !== undefined))
    loaded = await loadProject({ ...request, profiles: ['*'] });
  const { origins } = loaded;
  context.output.placedBy((path) => placeOf(origins, path));
  for (const warning of loaded.warnings) context.output.diagnostic(warning);
  return context.settings.compatibility ? { ...loaded, project: withCompatibleImages(loaded.project) } : loaded;
}

/** `--compatibility`: images that are built here and have no name get that of Docker Compose v1. */
function withCompatibleImages(project: Project): Project {
  const services = Object.entries(project.services).map(([name, service]): [string, Service] => {
    const isNamed = service.build === undefined || service.image !== undefined;
    return [name, isNamed ? service : { ...service, image: `${project.name}_${name}` }];
  });
  return { ...project, services: Object.fromEntries(services) };
}

/** What the global flags ask of the loader. */
export function loadRequest(context: CommandContext, wish: Partial<LoadRequest> = {}): LoadRequest {
  const { globals, host, env } = context;
  const directory = globals['project-directory'] ?? globals.workdir;
  return {
    cwd: host.cwd,
    env,
    files: globals.file,
    ...(globals['project-name'] === undefined ? {} : { projectName: globals['project-name'] }),
    ...(directory === undefined ? {} : { projectDirectory: directory }),
    envFiles: globals['env-file'],
    profiles: globals.profile,
    services: [],
    allResources: globals['all-resources'],
    readStdin: () => readAll(host.stdin),
    ...wish,
  };
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

import { resolve } from 'node:path';
import { collector as newCollector } from '../diagnostics/collector.ts';
import { TscomposeError } from '../diagnostics/error.ts';
import type { Project } from '../model/project.ts';
import type { Span } from '../source/span.ts';
import { locate, type MapNode } from '../source/tree.ts';
import { normalise } from './13-normalise.pass.ts';
import { bindProject } from './bind-project.ts';
import { diagnose } from './catalogue.ts';
import { checkConsistency } from './consistency.ts';
import { type Found, findFiles } from './find-files.ts';
import { loadModel, readDocuments } from './load-model.ts';
import { originsOf } from './origins.ts';
import { withProfiles, withSelectedServices, withServicesEnabled } from './profiles.ts';
import { projectName } from './project-name.ts';
import { withoutUnusedResources } from './prune.ts';
import { type RemoteDefinitions, remoteDefinitions } from './remote-definition.ts';
import type { Loaded, LoadRequest } from './request.ts';
import { withServiceFiles } from './service-files.ts';
import { sourcesFrom } from './sources.ts';

/**
 * Finds, reads, merges and checks the compose files of a request and returns the canonical project. Everything that the user can cause is
 * thrown as one `TscomposeError` (codes `load.*`, `interpolate.*`, `model.*`): all mistakes of the first pass that found any.
 */
export async function loadProject(request: LoadRequest): Promise<Loaded> {
  const raw = await loadTree(request);
  const { tree, found, collector, name, sources } = raw;
  let project = bindProject(tree, { name, found, collector });
  collector.throwIfErrors();
  project = withProfiles(project, activeProfiles(request, found));
  const active = project.services;
  const check = (known: Project['services']) => {
    if (request.skipConsistency !== true) checkConsistency(project, { tree, collector }, known);
    collector.throwIfErrors();
  };
  check(Object.create(null));
  if (request.services.length > 0) {
    // Naming a service may enable siblings that are not wanted; only what is selected has to be consistent.
    project = withServicesEnabled(project, request.services);
    project = withSelectedServices(project, request.services, { dependencies: request.withoutDependencies !== true });
    check(active);
  }
  const fromFiles = new Map<string, Span>();
  project = withServiceFiles(project, {
    onValue: (path, at) => fromFiles.set(JSON.stringify(path), at),
    sources,
    collector,
    environment: found.environment,
    readsEnvFiles: request.skipEnvResolution !== true,
    at: (service, attribute) => locate(tree, ['services', service, attribute]).node.span,
  });
  collector.throwIfErrors();
  if (request.allResources !== true) project = withoutUnusedResources(project);
  let origins: Loaded['origins'] | undefined;
  return {
    project,
    warnings: collector.warnings,
    fetched: raw.fetched,
    get origins() {
      origins ??= originsOf(tree, fromFiles);
      return origins;
    },
  };
}

/** The merged tree of a request with what was found on the way: for `config --no-interpolate` and `--variables`. */
export async function loadTree(request: TreeRequest) {
  const remotes = remoteDefinitions(request.fetchDefinition);
  // Which definitions have to be fetched shows while those that are there are loaded: each round knows more.
  for (;;) {
    let outcome: Tree | undefined;
    let failure: unknown;
    try {
      outcome = await loadOnce(request, remotes);
    } catch (error) {
      failure = error;
    }
    if (await remotes.fetchWanted()) continue;
    if (outcome === undefined) throw failure;
    return outcome;
  }
}

type TreeRequest = LoadRequest & { readonly skipValidation?: boolean };
type Tree = Awaited<ReturnType<typeof loadOnce>>;

async function loadOnce(request: TreeRequest, remotes: RemoteDefinitions) {
  const collector = newCollector();
  const given = [...request.files, ...request.envFiles].map((path) => resolve(request.cwd, path));
  const sources = sourcesFrom(request.cwd, new Set(given));
  const found = await findFiles(request, { sources, remotes, collector });
  const interpolates = request.skipInterpolation !== true;
  const documents = found.files.flatMap((file) => readDocuments(file, { collector, sources }));
  const name = projectName({
    given: request.projectName,
    environment: found.environment,
    documents,
    projectDir: found.namingDir,
    interpolates,
    collector,
  });
  found.environment.set('COMPOSE_PROJECT_NAME', name);
  collector.throwIfErrors();
  const context = {
    collector,
    sources,
    remotes,
    workingDir: found.projectDir,
    lookupDir: found.projectDir,
    environment: found.environment,
    interpolates,
    resolvesPaths: request.skipPathResolution !== true,
    validates: request.skipValidation !== true,
    including: [],
  };
  let tree: MapNode = loadModel(found.files, context);
  if (tree.entries.size === 0) throw new TscomposeError(diagnose('load.empty', {}));
  if (name === '') throw new TscomposeError(diagnose('load.project-name-empty', {}));
  if (request.skipNormalization !== true) tree = normalise(tree, { ...context, projectName: name });
  return { tree, found, name, collector, sources, fetched: remotes.files };
}

function activeProfiles(request: LoadRequest, found: Found): readonly string[] {
  if (request.profiles.length > 0) return request.profiles;
  return (found.environment.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}

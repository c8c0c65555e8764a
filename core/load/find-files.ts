import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, resolve } from 'node:path';
import type { Collector } from '../diagnostics/collector.ts';
import { TscomposeError } from '../diagnostics/error.ts';
import type { SourceFile } from '../source/span.ts';
import { diagnose } from './catalogue.ts';
import type { Environment, Sources } from './context.ts';
import { readEnvFiles } from './env-files.ts';
import { fileNames } from './file-names.ts';
import { isRemoteDefinition, type RemoteDefinitions } from './remote-definition.ts';
import type { LoadRequest } from './request.ts';

const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** Where a project is: its files, its directory and its environment. */
export interface Found {
  readonly files: readonly SourceFile[];
  readonly projectDir: string;
  /** The directory that gives the project its name when nothing else does: not that of a definition that was fetched. */
  readonly namingDir: string;
  readonly environment: Map<string, string>;
  /** Absolute; empty when only the default `.env` was used. */
  readonly envFiles: readonly string[];
}

interface Tools {
  readonly sources: Sources;
  readonly remotes: RemoteDefinitions;
  readonly collector: Collector;
}

/**
 * Finds the compose files, the project directory and the interpolation environment of a request (compose-model 2.2 to 2.4).
 * Throws `load.*` diagnostics.
 */
export async function findFiles(request: LoadRequest, tools: Tools): Promise<Found> {
  const { collector } = tools;
  const environment = processEnvironment(request);
  const listed = request.envFiles.length > 0 ? request.envFiles : splitList(request.env['COMPOSE_ENV_FILES'], ',');
  const envFiles = listed.map((path) => resolve(request.cwd, path));
  const usesDotenv = envFiles.length === 0 && !isDotenvDisabled(request, collector);
  const addEnvironment = (directory: string) => {
    const dotenv = resolve(directory, '.env');
    const paths = usesDotenv ? (tools.sources.isFile(dotenv) ? [dotenv] : []) : envFiles;
    for (const [name, value] of readEnvFiles(paths, { ...tools, environment })) {
      if (!environment.has(name)) environment.set(name, value);
    }
  };

  const given = request.projectDirectory === undefined ? undefined : resolve(request.cwd, request.projectDirectory);
  const first = request.files.find((path) => path !== '-');
  const isElsewhere = first === undefined || isRemoteDefinition(first);
  const startDir = given ?? (isElsewhere ? request.cwd : dirname(resolve(request.cwd, first)));
  addEnvironment(startDir);
  collector.throwIfErrors();

  const paths = filePaths({ request, environment, startDir, tools });
  const local = paths.find((path) => path !== '-' && !isRemoteDefinition(path));
  const namingDir = given ?? (local === undefined || isRemoteDefinition(paths[0] ?? '') ? request.cwd : dirname(local));
  if (namingDir !== startDir) addEnvironment(namingDir);
  const files = await readAll(paths, request, tools);
  collector.throwIfErrors();
  // As Docker Compose: what a fetched definition names by relative paths came with it.
  const fetched = files.find((file) => file.path !== undefined && tools.remotes.files.has(file.path))?.path;
  const projectDir = given ?? (fetched === undefined ? namingDir : dirname(fetched));
  return { files, projectDir, namingDir, environment, envFiles };
}

function processEnvironment(request: LoadRequest): Map<string, string> {
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries(request.env)) if (value !== undefined) environment.set(name, value);
  if (!environment.has('PWD')) environment.set('PWD', request.cwd);
  return environment;
}

function isDotenvDisabled(request: LoadRequest, collector: Collector): boolean {
  const name = 'COMPOSE_DISABLE_ENV_FILE';
  const value = request.env[name] ?? '';
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (!/^(|0|f|F|FALSE|false|False)$/.test(value)) collector.report(diagnose('load.boolean-variable', { name, value }));
  return false;
}

function splitList(text: string | undefined, separator: string): string[] {
  return (text ?? '').split(separator).filter((part) => part !== '');
}

interface Search {
  readonly request: LoadRequest;
  readonly environment: Environment;
  readonly startDir: string;
  readonly tools: Tools;
}

function filePaths({ request, environment, startDir, tools }: Search): readonly string[] {
  // A remote one stays as it is written: made a path, it could be one that somebody has put there.
  const absolute = (path: string) => (path === '-' || isRemoteDefinition(path) ? path : resolve(request.cwd, path));
  if (request.files.length > 0) return request.files.map(absolute);
  const variable = environment.get('COMPOSE_FILE');
  if (variable !== undefined && variable !== '') {
    return splitList(variable, environment.get('COMPOSE_PATH_SEPARATOR') || delimiter).map(absolute);
  }
  for (let directory = startDir; ; directory = dirname(directory)) {
    const found = discover(directory, tools);
    if (found.length > 0) return found;
    if (dirname(directory) === directory) throw new TscomposeError(diagnose('load.no-file', { directory: startDir }));
  }
}

function discover(directory: string, { sources, collector }: Tools): string[] {
  const present = (names: readonly string[]) =>
    names.map((name) => resolve(directory, name)).filter((path) => sources.isFile(path));
  const candidates = present(fileNames);
  const [main] = candidates;
  if (main === undefined) return [];
  if (candidates.length > 1) {
    collector.report(diagnose('load.several-files', { names: candidates.map((path) => basename(path)), used: main }));
  }
  const overrides = present(overrideNames);
  const [override] = overrides;
  if (override === undefined) return [main];
  if (overrides.length > 1) {
    const names = overrides.map((path) => basename(path));
    collector.report(diagnose('load.several-files', { names, used: override }));
  }
  return [main, override];
}

async function readAll(
  paths: readonly string[],
  request: LoadRequest,
  { sources, remotes, collector }: Tools,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) {
    if (path === '-') {
      files.push({ name: '-', path: undefined, text: (await request.readStdin?.()) ?? '' });
      continue;
    }
    const local = isRemoteDefinition(path) ? remotes.find(path, collector) : path;
    if (local === undefined) continue;
    const file = sources.read(local);
    if ('reason' in file) collector.report(diagnose('load.file-not-found', { path, reason: file.reason }));
    else files.push(file);
  }
  return files;
}

/** The directory's own name, and the target's when the directory is reached through a link with another name. */
export function directoryNames(directory: string): { used: string; target: string } {
  const used = basename(directory);
  try {
    return { used, target: basename(realpathSync(directory)) };
  } catch {
    // A directory that does not exist (yet) has only its own name.
    return { used, target: used };
  }
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { loadProject } from '#core/load/load-project.ts';
import type { Loaded, LoadRequest } from '#core/load/request.ts';

/** Files by path; a plain text is `compose.yaml`. */
export type Files = string | Readonly<Record<string, string>>;

export type Options = Partial<LoadRequest>;

/** A temporary project directory named `project`; it disappears with the scope. */
export async function projectFixture(files: Files) {
  const parent = await mkdtemp(join(tmpdir(), 'tsc-load-'));
  const directory = join(parent, 'project');
  await mkdir(directory);
  for (const [path, text] of Object.entries(typeof files === 'string' ? { 'compose.yaml': files } : files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const load = (options: Options = {}) =>
    loadProject({ cwd: directory, env: {}, files: [], envFiles: [], profiles: [], services: [], ...options });
  return { parent, directory, load, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

/** Loads files; paths inside the project directory come back with `@` in its place. */
export async function load(files: Files, options: Options = {}): Promise<Loaded> {
  await using fixture = await projectFixture(files);
  return await fixture.load(options);
}

/** Plain data of a loaded project, with `@` for the project directory. */
export async function model(files: Files, options: Options = {}) {
  await using fixture = await projectFixture(files);
  const { project } = await fixture.load(options);
  return JSON.parse(JSON.stringify(project).replaceAll(fixture.directory, '@').replaceAll(fixture.parent, '@@'));
}

/** The one service `a` of a file that defines only it. */
export async function serviceOf(body: string, options: Options = {}) {
  const { services } = await model(`services:\n  a:\n    image: i\n${indent(body, 4)}`, options);
  return services.a;
}

function indent(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}

/** The diagnostics that loading ends with; fails when it does not. */
export async function failures(files: Files, options: Options = {}): Promise<readonly Diagnostic[]> {
  try {
    await load(files, options);
  } catch (error) {
    if (error instanceof TscomposeError) return error.diagnostics;
    throw error;
  }
  throw new Error('loading was expected to fail, but it did not');
}

/** `code message` of the first diagnostic, with `@` for the project directory. */
export async function failure(files: Files, options: Options = {}): Promise<string> {
  const [first] = await failures(files, options);
  return `${first?.code} ${first?.message}`.replace(/\/[^\s"]*\/tsc-load-[^/\s"]*\/project/g, '@');
}

/** The failure of a service body. */
export function serviceFailure(body: string, options: Options = {}): Promise<string> {
  return failure(`services:\n  a:\n    image: i\n${indent(body, 4)}`, options);
}

/** Messages of the warnings. */
export async function warnings(files: Files, options: Options = {}): Promise<string[]> {
  const loaded = await load(files, options);
  return loaded.warnings.map((warning) => warning.message);
}

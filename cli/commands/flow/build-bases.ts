import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { BuildArguments } from '#core/builder/build-arguments.ts';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import type { Build, Project } from '#core/model/project.ts';
import type { CommandContext } from '../../context.ts';

/**
 * Images that the Dockerfiles of a project begin with, by service, so that the one that makes an image is built before the one that
 * uses it. Mistakes in Dockerfiles are reported before anything is touched; what cannot be read here is left to the build.
 */
export async function buildBases(
  context: Pick<CommandContext, 'host'>,
  project: Project,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const builds = Object.entries(project.services).flatMap(([name, { build }]) =>
    build === undefined ? [] : [[name, build] as const],
  );
  if (builds.length === 0) return {};
  const { readStages, targetStage } = await import('#core/builder/stages.ts');
  const found = builds.map(async ([name, build]) => {
    const dockerfile = await readServiceDockerfile(context, { name, build });
    if (dockerfile === undefined) return [name, []] as const;
    const given = Object.fromEntries(
      Object.entries(build.args ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    );
    const args: BuildArguments = { given, buildPlatform: '', targetPlatform: '', targetStage: '' };
    const all = readStages(dockerfile, { args, contexts: new Set(Object.keys(build.additional_contexts ?? {})) });
    targetStage(all, build.target);
    return [name, all.stages.flatMap(({ base }) => (base.kind === 'image' ? [base.reference] : []))] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** The Dockerfile of a service in a directory of this machine; undefined for one that must be fetched, or is missing. */
export async function readServiceDockerfile(
  context: Pick<CommandContext, 'host'>,
  service: { readonly name: string; readonly build: Build },
): Promise<Dockerfile | undefined> {
  const { build, name } = service;
  const { readDockerfile } = await import('#core/builder/dockerfile/read-dockerfile.ts');
  if (build.dockerfile_inline !== undefined) {
    return readDockerfile({ name: `${name}: dockerfile_inline`, path: undefined, text: build.dockerfile_inline });
  }
  const file = build.dockerfile ?? 'Dockerfile';
  const directory = build.context ?? '.';
  if (!isAbsolute(directory)) return undefined;
  const path = isAbsolute(file) ? file : join(directory, file);
  const short = relative(context.host.cwd, path);
  try {
    return readDockerfile({ name: short.startsWith('..') ? path : short, path, text: await readFile(path, 'utf8') });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return undefined;
    throw error;
  }
}

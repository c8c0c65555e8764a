import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import { readDockerfile } from '#core/builder/dockerfile/read-dockerfile.ts';
import type { BuildRequest } from '#core/builder/request.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { resolveBelow } from './resolve-below.ts';

/** The Dockerfile's text with the name that messages show. */
export function openDockerfile(
  request: Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileText' | 'name'>,
  isForeign = false,
): Dockerfile {
  if (request.dockerfileText !== undefined) {
    return readDockerfile({ name: `${request.name}: dockerfile_inline`, path: undefined, text: request.dockerfileText });
  }
  const named = request.dockerfile ?? 'Dockerfile';
  // A repository must not make us read a file of this machine.
  const path = isForeign
    ? resolveBelow({ base: request.context, path: named, volume: request.name })
    : isAbsolute(named)
      ? named
      : join(request.context, named);
  if (!existsSync(path) || lstatSync(path).isDirectory())
    throw new TscomposeError(diagnose('build.dockerfile-not-found', { path }));
  const short = relative(process.cwd(), path);
  return readDockerfile({ name: short.startsWith('..') ? path : short, path, text: readFileSync(path, 'utf8') });
}

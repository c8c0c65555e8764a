import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import type { PathPattern } from '#core/builder/path-pattern.ts';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Build, Project } from '#core/model/project.ts';
import type { CommandContext } from '../../context.ts';
import { readServiceDockerfile } from './build-bases.ts';

/** `build --check`: prints what the rules find in the Dockerfiles; the status is 1 when there is anything. */
export async function checkDockerfiles(context: CommandContext, project: Project, services: readonly string[]): Promise<number> {
  const { lintDockerfile } = await import('#core/builder/lint.ts');
  // Without the engine, which belongs to root, base images are not known.
  const engine = await context.engine().catch(() => undefined);
  const seen = new Set<string>();
  let found = 0;
  for (const name of services) {
    const build = project.services[name]?.build;
    if (build === undefined) continue;
    for (const one of await lintOne(name, build)) {
      const key = JSON.stringify([one.code, one.message, one.at?.file.name, one.at?.start]);
      if (seen.has(key)) continue;
      seen.add(key);
      found++;
      context.output.diagnostic(one);
    }
  }
  context.output.note(
    found === 0
      ? 'Check complete, no warnings found.'
      : `Check complete, ${found} ${found === 1 ? 'warning has' : 'warnings have'} been found.`,
  );
  return found === 0 ? 0 : 1;

  async function lintOne(name: string, build: Build): Promise<readonly Diagnostic[]> {
    try {
      const dockerfile = await readServiceDockerfile(context, { name, build });
      if (dockerfile === undefined) {
        const { diagnose } = await import('#core/builder/catalogue.ts');
        return [diagnose('build.dockerfile-not-found', { path: `${build.context}/${build.dockerfile ?? 'Dockerfile'}` })];
      }
      const bases = dockerfile.instructions.flatMap((one) => (one.keyword === 'FROM' ? (one.text.split(/\s+/)[0] ?? []) : []));
      const environments = new Map<string, readonly string[]>();
      for (const base of engine === undefined ? [] : bases) {
        const image = base.includes('$') ? undefined : await engine?.inspectImage(base).catch(() => undefined);
        if (image !== undefined) environments.set(base, image.config.Env ?? []);
      }
      return lintDockerfile(dockerfile, {
        args: Object.keys(build.args ?? {}),
        environmentOf: (base) => environments.get(base),
        ignored: await ignoredBy(build, dockerfile),
      });
    } catch (error) {
      if (error instanceof TscomposeError) return error.diagnostics;
      throw error;
    }
  }
}

/** Patterns of the file that says what is no part of the context. */
async function ignoredBy(build: Build, { file }: Dockerfile): Promise<readonly PathPattern[]> {
  const { parseIgnoreFile } = await import('#core/builder/path-pattern.ts');
  const own = file.path === undefined ? [] : [`${file.path}.dockerignore`];
  for (const path of [...own, join(build.context ?? '.', '.dockerignore')]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return parseIgnoreFile(text);
  }
  return [];
}

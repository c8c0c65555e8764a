import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Project } from '#core/model/project.ts';
import type { CommandContext } from '../../context.ts';
import { readServiceDockerfile } from './build-bases.ts';

/** `build --check`: prints what the rules find in the Dockerfiles; the status is 1 when there is anything. */
export async function checkDockerfiles(context: CommandContext, project: Project, services: readonly string[]): Promise<number> {
  const { lintDockerfile } = await import('#core/builder/lint.ts');
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

  async function lintOne(name: string, build: NonNullable<Project['services'][string]['build']>): Promise<readonly Diagnostic[]> {
    try {
      const dockerfile = await readServiceDockerfile(context, { name, build });
      if (dockerfile === undefined) {
        const { diagnose } = await import('#core/builder/catalogue.ts');
        return [diagnose('build.dockerfile-not-found', { path: `${build.context}/${build.dockerfile ?? 'Dockerfile'}` })];
      }
      return lintDockerfile(dockerfile, { args: Object.keys(build.args ?? {}) });
    } catch (error) {
      if (error instanceof TscomposeError) return error.diagnostics;
      throw error;
    }
  }
}

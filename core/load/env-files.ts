import type { Collector } from '../diagnostics/collector.ts';
import { diagnose } from './catalogue.ts';
import type { Sources } from './context.ts';
import { type EnvFileProblem, parseDotenv } from './dotenv.ts';

/**
 * Reads env files in order into one map; later ones win. Variables in their values come from `environment` first, then from what was
 * read before.
 */
export function readEnvFiles(
  paths: readonly string[],
  context: { readonly environment: ReadonlyMap<string, string>; readonly sources: Sources; readonly collector: Collector },
): Map<string, string> {
  const { environment, sources, collector } = context;
  const result = new Map<string, string>();
  for (const path of paths) {
    const file = sources.read(path);
    if ('reason' in file) {
      const isMissing = file.reason.startsWith('no such');
      collector.report(
        isMissing
          ? diagnose('load.env-file-not-found', { path })
          : diagnose('load.file-not-found', { path, reason: file.reason }),
      );
      continue;
    }
    const values = parseDotenv(file.text, {
      lookup: (name) => environment.get(name),
      into: result,
      onUnset: (name) => collector.report(diagnose('interpolate.unset', { name })),
    });
    if (!(values instanceof Map)) collector.report(envFileDiagnostic(file.name, values));
  }
  return result;
}

/** The diagnostic for an env file that cannot be read. */
export function envFileDiagnostic(path: string, problem: EnvFileProblem) {
  return diagnose('load.env-file-syntax', { path, line: problem.line, reason: reasonOf(problem) });
}

function reasonOf(problem: EnvFileProblem): string {
  if (problem.kind === 'syntax') return problem.message;
  const { problem: template } = problem;
  if (template.kind === 'too-long') return `the value is longer than ${template.limit} characters`;
  if (template.kind === 'invalid') return `invalid variable in "${template.text}"`;
  return `required variable ${template.variable} is missing a value${template.reason === '' ? '' : `: ${template.reason}`}`;
}

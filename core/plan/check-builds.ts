import { parseCacheSource, parseCacheTarget } from '../builder/cache-location.ts';
import { diagnose } from '../builder/catalogue.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Build, Project } from '../model/project.ts';

/** Attributes of `build` that cannot be enforced here: refused, or told where they only cost time. */
export function checkBuilds(project: Project, services: Iterable<string>): readonly Diagnostic[] {
  return [...services].flatMap((name) => {
    const build = project.services[name]?.build;
    return build === undefined ? [] : checkBuild(name, build);
  });
}

function checkBuild(service: string, build: Build): readonly Diagnostic[] {
  const at = (key: string, diagnostic: Diagnostic): Diagnostic => ({ ...diagnostic, path: ['services', service, 'build', key] });
  const refuse = (key: string, reason: string) =>
    at(
      key,
      diagnose('build.unsupported', { what: `"${key}" of the build of service "${service}"`, reason, hint: `remove "${key}"` }),
    );
  const found: Diagnostic[] = [];
  if (build.isolation !== undefined && build.isolation !== '' && build.isolation !== 'default')
    found.push(refuse('isolation', 'it is a matter of Windows'));
  for (const key of ['provenance', 'sbom'] as const) {
    const value = build[key];
    if (value !== undefined && value !== 'false' && value !== '') found.push(refuse(key, 'no attestations are made'));
  }
  for (const [key, parse] of [
    ['cache_from', parseCacheSource],
    ['cache_to', parseCacheTarget],
  ] as const) {
    for (const text of build[key] ?? []) {
      const place = parse(text, '/');
      if ('refusal' in place) found.push(refuse(key, `"${text}": ${place.refusal}`));
    }
  }
  const known = ['network.host', 'security.insecure'];
  for (const one of build.entitlements ?? []) {
    if (!known.includes(one)) found.push(refuse('entitlements', `"${one}" is none of ${known.join(', ')}`));
  }
  return found;
}

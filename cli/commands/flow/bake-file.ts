import { buildRequest } from '#core/execute/build-request.ts';
import type { Project } from '#core/model/project.ts';

/** What `build --print` shows: the services as targets of a bake file, as Docker Compose hands them to buildx. */
export function bakeFile(project: Project, services: readonly string[]): object {
  const targets = services.map((name) => [name, target(project, name)] as const);
  return { group: { default: { targets: services } }, target: Object.fromEntries(targets) };
}

function target(project: Project, name: string): object {
  const request = buildRequest(project, name);
  const build = project.services[name]?.build;
  return filled({
    context: request.context,
    contexts: request.contexts,
    dockerfile: request.dockerfile,
    'dockerfile-inline': request.dockerfileText,
    args: request.args,
    labels: request.labels,
    tags: request.references,
    'cache-from': build?.cache_from,
    'cache-to': build?.cache_to,
    target: request.target,
    secret: request.secrets.map(({ id, source }) =>
      'path' in source ? `id=${id},type=file,src=${source.path}` : `id=${id},type=env`,
    ),
    ssh: build?.ssh,
    platforms: build?.platforms,
    pull: request.pull || undefined,
    'no-cache': request.noCache || undefined,
    'no-cache-filter': request.noCacheFilter,
    network: request.network,
    'shm-size': request.shmSize,
    'extra-hosts': Object.fromEntries(request.extraHosts.map((one) => one.split('=', 2) as [string, string])),
    entitlements: request.entitlements,
    output: ['type=docker'],
  });
}

/** Without empty members. */
function filled(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => {
      if (value === undefined || value === '') return false;
      if (Array.isArray(value)) return value.length > 0;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}

import { parseCacheSource, parseCacheTarget } from '../builder/cache-location.ts';
import type { BuildRequest, BuildSecret } from '../builder/request.ts';
import { composeLabel } from '../model/labels.ts';
import type { Build, Project, Service } from '../model/project.ts';
import { imageOf } from '../model/service-references.ts';
import { fileMode } from '../model/units.ts';
import { version } from './version.ts';

/** What the engine is asked to build for a service: its `build` section with everything looked up in the project. */
export function buildRequest(project: Project, name: string, options: { readonly allPlatforms?: boolean } = {}): BuildRequest {
  const service = project.services[name];
  const build = service?.build;
  if (service === undefined || build === undefined) throw new Error(`the plan builds service "${name}", which has no build`);
  const args = argumentsOf(build);
  const epoch = sourceDateEpoch(args);
  const { platforms = [] } = build;
  // Several platforms are for `build` alone; a container needs one.
  const allPlatforms = options.allPlatforms === true && platforms.length > 0;
  const platform = allPlatforms ? undefined : service.platform;
  return {
    name,
    context: build.context ?? '.',
    ...(build.dockerfile_inline === undefined ? {} : { dockerfileText: build.dockerfile_inline }),
    ...(build.dockerfile === undefined ? {} : { dockerfile: build.dockerfile }),
    references: [...new Set([imageOf(project, name, service), ...(build.tags ?? [])])],
    args,
    ...(epoch === undefined ? {} : { sourceDateEpoch: epoch }),
    ...(build.target === undefined ? {} : { target: build.target }),
    labels: {
      ...build.labels,
      [composeLabel.project]: project.name,
      [composeLabel.service]: name,
      [composeLabel.version]: version,
    },
    contexts: contextsOf(project, build),
    ...cachePlaces(project, build),
    noCache: build.no_cache ?? false,
    noCacheFilter: build.no_cache_filter ?? [],
    pull: build.pull ?? false,
    ...(platform === undefined ? {} : { platform }),
    ...(platforms.length === 0 ? {} : { platforms, allPlatforms }),
    ...(build.network === undefined ? {} : { network: build.network }),
    extraHosts: build.extra_hosts ?? [],
    ...(build.shm_size === undefined ? {} : { shmSize: build.shm_size }),
    ...(build.memory === undefined ? {} : { memory: build.memory }),
    ...(build.ulimits === undefined ? {} : { ulimits: build.ulimits }),
    secrets: secretsOf(project, build),
    ssh: Object.fromEntries((build.ssh ?? []).map(agentOf)),
    entitlements: [...(build.entitlements ?? []), ...(build.privileged === true ? ['security.insecure'] : [])],
  };
}

/** What the planner has let pass (`check-builds.ts`). */
function cachePlaces(project: Project, build: Build): Pick<BuildRequest, 'cacheFrom' | 'cacheTo'> {
  const from = (build.cache_from ?? []).map((one) => parseCacheSource(one, project.workingDir));
  const to = (build.cache_to ?? []).map((one) => parseCacheTarget(one, project.workingDir));
  return {
    ...(from.length === 0 ? {} : { cacheFrom: from.flatMap((one) => ('place' in one ? one.place : [])) }),
    ...(to.length === 0 ? {} : { cacheTo: to.flatMap((one) => ('place' in one ? one.place : [])) }),
  };
}

/** Epoch of reproducible builds, from an argument as everywhere. */
function sourceDateEpoch(args: Readonly<Record<string, string>>): number | undefined {
  const text = args['SOURCE_DATE_EPOCH'];
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function argumentsOf(build: Build): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(build.args ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** Id and socket; no socket: the agent of the environment. */
function agentOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `service:x` is the image of that service. */
function contextsOf(project: Project, build: Build): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(build.additional_contexts ?? {}).map(([name, source]) => {
      const other = serviceContext(source);
      const service: Service | undefined = other === undefined ? undefined : project.services[other];
      return [name, other === undefined || service === undefined ? source : `docker-image://${imageOf(project, other, service)}`];
    }),
  );
}

function serviceContext(source: string): string | undefined {
  return source.startsWith('service:') ? source.slice('service:'.length) : undefined;
}

function secretsOf(project: Project, build: Build): readonly BuildSecret[] {
  return (build.secrets ?? []).flatMap((use): readonly BuildSecret[] => {
    const object = project.secrets[use.source];
    const source =
      object?.file !== undefined
        ? { path: object.file }
        : object?.content !== undefined
          ? { content: object.content }
          : undefined;
    if (source === undefined) return [];
    return [
      {
        id: use.target ?? use.source,
        source,
        ...(use.uid === undefined ? {} : { uid: Number(use.uid) }),
        ...(use.gid === undefined ? {} : { gid: Number(use.gid) }),
        ...(use.mode === undefined ? {} : { mode: fileMode(use.mode) }),
      },
    ];
  });
}

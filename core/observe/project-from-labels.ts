import { composeLabel, ownLabel } from '../model/labels.ts';
import type { Dependency, Hook, Network, Project, Service, Volume } from '../model/project.ts';
import { maskPrefix } from '../model/service-hash.ts';
import type { Observed, ObservedContainer } from './observed.ts';

/**
 * The project as its containers, networks and volumes tell it, for commands that run without a compose file (`down`,
 * `stop`, …). Good enough to stop, start and remove; not to create. Masked values are left out.
 */
export function projectFromContainers(name: string, observed: Observed): Project {
  const containers = observed.containers.filter((container) => !container.oneOff);
  const byService = new Map<string, ObservedContainer>();
  for (const container of [...containers].sort((a, b) => a.number - b.number)) {
    if (!byService.has(container.service)) byService.set(container.service, container);
  }
  const count = (service: string) => containers.filter((container) => container.service === service).length;
  const labels = containers[0]?.labels ?? {};
  return {
    name,
    workingDir: labels[composeLabel.workingDir] ?? '/',
    composeFiles: split(labels[composeLabel.configFiles]),
    envFiles: split(labels[composeLabel.environmentFile]),
    services: Object.fromEntries(
      [...byService].sort(byKey).map(([service, container]) => [service, { ...serviceOf(container), scale: count(service) }]),
    ),
    disabledServices: {},
    networks: resources(observed.networks, { project: name, label: composeLabel.network }) satisfies Record<string, Network>,
    volumes: resources(observed.volumes, { project: name, label: composeLabel.volume }) satisfies Record<string, Volume>,
    configs: {},
    secrets: {},
    models: {},
    extensions: {},
    environment: {},
  };
}

function serviceOf(container: ObservedContainer): Service {
  const recorded = parseService(container.labels[ownLabel.definition]);
  const dependencies = dependenciesIn(container.labels[composeLabel.dependsOn]);
  return {
    command: null,
    entrypoint: null,
    image: container.image,
    ...recorded,
    ...(recorded.pre_stop === undefined ? {} : { pre_stop: recorded.pre_stop.map(withoutMasks) }),
    ...(recorded.post_start === undefined ? {} : { post_start: recorded.post_start.map(withoutMasks) }),
    ...(Object.keys(dependencies).length === 0 ? {} : { depends_on: dependencies }),
  };
}

/** A label is foreign text: anything that is not our JSON counts as absent. */
function parseService(definition: string | undefined): Partial<Service> {
  if (definition === undefined) return {};
  try {
    const { service } = JSON.parse(definition) as { service?: Partial<Service> };
    return typeof service === 'object' && service !== null ? service : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function withoutMasks(hook: Hook): Hook {
  if (hook.environment === undefined) return hook;
  const known = Object.entries(hook.environment).filter(([, value]) => !value?.startsWith(maskPrefix));
  return { ...hook, environment: Object.fromEntries(known) };
}

/** Reads `svc:condition:restart,…` as Docker Compose writes it; what is missing there counts as started and not restarted. */
function dependenciesIn(label: string | undefined): Record<string, Dependency> {
  return Object.fromEntries(
    split(label).map((text) => {
      const [service = '', condition, restart] = text.split(':');
      const known = condition === 'service_healthy' || condition === 'service_completed_successfully';
      return [service, { condition: known ? condition : 'service_started', required: true, restart: restart === 'true' }];
    }),
  );
}

function resources(
  observed: readonly { readonly name: string; readonly project?: string; readonly labels: Readonly<Record<string, string>> }[],
  { project, label }: { project: string; label: string },
): Record<string, { name: string; labels: Readonly<Record<string, string>> }> {
  const own = observed.filter((one) => one.project === project && one.labels[label] !== undefined);
  return Object.fromEntries(
    own.map((one) => [one.labels[label] ?? one.name, { name: one.name, labels: one.labels }] as const).sort(byKey),
  );
}

function split(label: string | undefined): string[] {
  return (label ?? '').split(',').filter((text) => text !== '');
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

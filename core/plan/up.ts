import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Project } from '../model/project.ts';
import { replicasOf } from '../model/replicas.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import { checkNetworks } from './check-networks.ts';
import { checkPorts } from './check-ports.ts';
import { checkServices } from './check-services.ts';
import { type Draft, type Node, startDraft } from './draft.ts';
import { decideFates, type Fate } from './fates.ts';
import { imageOptions, planImages } from './images.ts';
import type { UpOptions } from './options.ts';
import { orphansOf } from './orphans.ts';
import type { Planned } from './plan.ts';
import { addProviders } from './providers.ts';
import { decideResources } from './resources.ts';
import { resumedServices } from './resume.ts';
import { selectServices } from './scope.ts';
import { addStop } from './stop.ts';
import { unchangedContainer } from './unchanged.ts';
import { addContainers } from './up-containers.ts';
import { addResources, checkRemade } from './up-resources.ts';
import { addStarts } from './up-starts.ts';

/**
 * What has to be done so that the project runs as its file says: images, networks, volumes, containers in dependency
 * order. Pure. Errors among the diagnostics mean that the plan must not be executed; it is complete all the same, so that it
 * can be shown. The rules are in docs/planning.md.
 */
export function planUp(project: Project, observed: Observed, options: UpOptions): Planned {
  const { services, nothing } = resumedOf(project, observed, options);
  if (nothing !== undefined) return nothing;
  const chosen = services === undefined ? options : { ...options, services, withoutDependencies: true };
  const planned =
    buildPlan(project, observed, { ...chosen, removeFirst: false }) ??
    buildPlan(project, observed, { ...chosen, removeFirst: true });
  if (planned === undefined) throw new Error('plan: the actions of up wait for each other');
  return planned;
}

/** Where services stay put aside: the others by name; or, when there are none, the plan that does nothing. */
function resumedOf(
  project: Project,
  observed: Observed,
  options: UpOptions,
): { readonly services?: readonly string[]; readonly nothing?: Planned } {
  if (options.resume !== true) return {};
  const services = resumedServices(project, observed, options.services);
  if (services.length > 0 || Object.keys(project.services).length === 0) return { services };
  return { nothing: { plan: startDraft().finish({ project: project.name, operation: operationOf(options) }), diagnostics: [] } };
}

/**
 * Undefined when actions would wait for each other: a new container beside the old one can need what can only be made when
 * others have gone, who go only after it. With `removeFirst` no stop waits for a create, and that cannot happen.
 */
function buildPlan(
  project: Project,
  observed: Observed,
  options: UpOptions & { readonly removeFirst: boolean },
): Planned | undefined {
  const draft = startDraft();
  const scope = selectServices(project, {
    services: options.services,
    follow: options.withoutDependencies ? 'alone' : 'dependencies',
  });
  const resources = decideResources({ project, observed, options, scope });
  if (options.providers !== 'done') addProviders({ draft, project, services: scope.services, command: 'up' });
  const images = planImages({ draft, project, observed, services: scope.services, ...imageOptions(options) });
  const fates = decideFates({
    project,
    observed,
    options,
    scope,
    remade: {
      networks: new Set(resources.networks.filter((one) => one.fate === 'remake').map((one) => one.name)),
      volumes: new Set(resources.volumes.filter((one) => one.fate === 'remake').map((one) => one.name)),
    },
    pulls: (service) => images.of(service).length > 0,
    removeFirst: options.removeFirst,
  });
  const orphans = orphansOf(project, observed);
  const orphanRemovals = options.removeOrphans ? orphans.map((container) => addOrphanRemoval(draft, { container, options })) : [];

  const made = addResources({ draft, resources, observed });
  const containers = addContainers({
    draft,
    project,
    observed,
    options,
    fates,
    made,
    pulls: images.of,
    orphanRemovals: new Map(orphanRemovals.map(({ container, remove }) => [container.id, remove])),
  });
  const starts = options.withoutStart
    ? undefined
    : addStarts({
        draft,
        observed,
        project,
        options,
        scope,
        fates,
        containers,
        orphanStops: orphanRemovals.flatMap(({ container, stop }) => (stop === undefined ? [] : [[container, stop] as const])),
      });
  const removals = new Map([
    ...containers.removals,
    ...orphanRemovals.map(({ container, remove }) => [container.id, remove] as const),
  ]);
  made.finish({ removals, project });
  if (starts === undefined) markUnstarted(draft, fates);

  const replicas = new Map(scope.services.map((name) => [name, wantedReplicas(project, name, options)]));
  const plan = draft.tryFinish({ project: project.name, operation: operationOf(options) });
  if (plan === undefined) return undefined;
  return {
    plan,
    diagnostics: [
      ...scope.diagnostics,
      ...(scope.services.length === 0 && scope.diagnostics.length === 0
        ? [diagnose('plan.nothing-selected', { project: project.name })]
        : []),
      ...checkServices({ project, observed, replicas }),
      ...checkNames(fates),
      ...containers.heldNames.map((held) => diagnose('plan.name-held', { ...held })),
      ...images.diagnostics,
      ...resources.diagnostics,
      ...checkRemade({ resources, observed, removed: new Set(removals.keys()) }),
      ...checkNetworks({ project, replicas }),
      ...checkPorts({
        project,
        observed,
        users: scope.services.map((service) => ({
          service,
          replicas: replicas.get(service) ?? 0,
          starts: starts?.services.has(service) ?? false,
        })),
      }),
      ...(orphans.length > 0 && !options.removeOrphans && !options.ignoreOrphans
        ? [diagnose('plan.orphans', { project: project.name, containers: orphans.map((one) => one.name) })]
        : []),
    ],
  };
}

function operationOf(options: UpOptions): string {
  if (options.oneOff !== undefined) return 'run';
  return options.withoutStart ? 'create' : 'up';
}

function wantedReplicas(project: Project, name: string, options: UpOptions): number {
  const service = project.services[name];
  if (options.oneOff?.service === name) return 1;
  return options.scale[name] ?? (service === undefined ? 0 : replicasOf(service));
}

function addOrphanRemoval(
  draft: Draft,
  { container, options }: { container: ObservedContainer; options: UpOptions },
): { readonly container: ObservedContainer; readonly stop: Node | undefined; readonly remove: Node } {
  const reason = { kind: 'orphan' } as const;
  const stop = addStop({ draft, container, service: undefined, reason, timeoutMs: options.timeoutMs });
  const named = { container: container.id, name: container.name, service: container.service };
  const remove = draft.add(
    'container.remove',
    { ...named, volumes: false },
    { reason, after: stop === undefined ? [] : [stop.last] },
  );
  return { container, stop: stop?.last, remove };
}

/** Without a start phase every kept container is as it should be. */
function markUnstarted(draft: Draft, fates: ReadonlyMap<string, readonly Fate[]>): void {
  for (const fate of [...fates.values()].flat()) if (fate.kind === 'keep') draft.unchanged(unchangedContainer(fate));
}

/** Two containers of the project that would end with the same name. */
function checkNames(fates: ReadonlyMap<string, readonly Fate[]>): readonly Diagnostic[] {
  const lasting = [...fates.values()].flat().filter((fate) => fate.kind !== 'remove');
  return [...Map.groupBy(lasting, (fate) => fate.name)].flatMap(([name, owners]) => {
    const services = [...new Set(owners.map((fate) => fate.service))];
    // Replicas of one service that share a name have a message of their own.
    return services.length < 2 ? [] : [diagnose('plan.name-taken', { name, services })];
  });
}

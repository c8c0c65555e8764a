import type { Engine } from '../engine/engine.ts';
import type { MountSpec } from '../engine/specs.ts';
import { withHookService } from '../model/hook-service.ts';
import type { Project, StringMap } from '../model/project.ts';
import { donorNames } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import type { ActionOf } from '../plan/plan.ts';
import { containerSpec } from './container-spec.ts';
import type { Context } from './context.ts';
import { type AnonymousVolumes, serviceMounts } from './mounts.ts';

/** Makes the container of a `container.create` and returns its id. */
export async function createContainer(
  action: ActionOf<'container.create'>,
  context: Context,
  signal: AbortSignal,
): Promise<string> {
  const { engine, observed, results, hashes, donorOf } = context;
  const { preStart } = action;
  const project = preStart === undefined ? context.project : withHookService(context.project, action.service, preStart.index);
  const service = project.services[action.service];
  const donors = service === undefined ? [] : donorNames(service);
  const donorIds: StringMap = Object.fromEntries(
    donors.flatMap((donor) => {
      const id = donor === action.service ? (preStart?.replica ?? donorOf(donor)) : donorOf(donor);
      return id === undefined ? [] : [[donor, id]];
    }),
  );
  const isOldGone = action.inheritFrom !== undefined && results.removedContainers.has(action.inheritFrom);
  const spec = containerSpec({
    project,
    observed,
    images: { ...observed.images, ...Object.fromEntries(results.images) },
    service: action.service,
    number: action.number,
    name: action.name,
    configHash: hashes.service,
    donorIds,
    oneOff: action.oneOff,
    borrowedMounts: await borrowedMounts({ engine, project, service: action.service, donorIds, lenders: context.project }),
    ...(isOldGone ? { inheritedVolumes: anonymousVolumes(observed, action.inheritFrom) } : { inheritFrom: action.inheritFrom }),
  });
  const { id } = await engine.createContainer(spec, signal);
  return id;
}

function anonymousVolumes(observed: Observed, id: string): AnonymousVolumes {
  const mounts = observed.containers.find((container) => container.id === id)?.mounts ?? [];
  return new Map(
    mounts.flatMap((mount) => (mount.type === 'volume' && mount.anonymous ? [[mount.target, mount.source] as const] : [])),
  );
}

/**
 * The mounts of `volumes_from`: declared ones from the file; anonymous ones, and those of a foreign `container:`, have names
 * that only the engine knows, so they are read from it.
 */
export async function borrowedMounts({
  engine,
  project,
  service: name,
  donorIds,
  lenders = project,
}: {
  engine: Engine;
  project: Project;
  /** Where the services that lend are declared: a hook's container borrows from its own service. */
  lenders?: Project;
  service: string;
  donorIds: StringMap;
}): Promise<readonly MountSpec[]> {
  const sources = project.services[name]?.volumes_from ?? [];
  if (sources.length === 0) return [];
  const containers = await engine.listContainers();
  const mounts = sources.flatMap((text) => {
    const isContainer = text.startsWith('container:');
    const [source = '', mode] = text.replace(/^container:/, '').split(':');
    const lender = containers.find((one) =>
      isContainer ? one.name === source || one.id === source : one.id === donorIds[source],
    );
    const service = isContainer ? undefined : lenders.services[source];
    const declared = service === undefined ? [] : serviceMounts(project, service).filter((mount) => !isAnonymous(mount));
    const targets = new Set(declared.map((mount) => mount.target));
    const found = (lender?.mounts ?? []).flatMap((mount): readonly MountSpec[] => {
      if (targets.has(mount.target)) return [];
      if (mount.type === 'volume')
        return [{ type: 'volume', volume: mount.source, target: mount.target, readOnly: mount.readOnly ?? false, noCopy: false }];
      if (mount.type === 'bind' && isContainer) {
        const readOnly = mount.readOnly ?? false;
        return [{ type: 'bind', source: mount.source, target: mount.target, readOnly, createHostPath: false }];
      }
      return [];
    });
    return [...declared, ...found].map((mount) =>
      mode === 'ro' && mount.type !== 'image' ? { ...mount, readOnly: true } : mount,
    );
  });
  // A later source does not replace what an earlier one mounts.
  return [...Map.groupBy(mounts, (mount) => mount.target).values()].flatMap((same) => same.slice(0, 1));
}

function isAnonymous(mount: MountSpec): boolean {
  return mount.type === 'volume' && mount.volume === undefined;
}

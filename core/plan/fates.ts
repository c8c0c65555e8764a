import { ownLabel } from '../model/labels.ts';
import type { Project, Service } from '../model/project.ts';
import { replicasOf } from '../model/replicas.ts';
import { donorNames, networksOf, volumesOf } from '../model/service-references.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import { divergenceTest, usesVolume } from './divergence.ts';
import { containerName, isTemporaryName } from './names.ts';
import type { UpOptions } from './options.ts';
import type { Reason } from './reason.ts';
import type { Scope } from './scope.ts';
import { type Slot, slotsOf } from './slots.ts';

/** What `up` does with one replica. */
export type Fate = FateBase &
  (
    | { readonly kind: 'create'; readonly reason: Reason }
    | { readonly kind: 'keep'; readonly container: ObservedContainer }
    | {
        readonly kind: 'recreate';
        readonly container: ObservedContainer;
        readonly reason: Reason;
        /** Made by an interrupted recreate and still right: saves the create. */
        readonly successor?: ObservedContainer;
      }
    /** Recreate in which the old one must go first: its network or volume is made anew. */
    | { readonly kind: 'replace'; readonly container: ObservedContainer; readonly reason: Reason }
    | { readonly kind: 'remove'; readonly container: ObservedContainer; readonly reason: Reason }
  );

interface FateBase {
  readonly service: string;
  readonly number: number;
  /** The final name. */
  readonly name: string;
}

/** Networks and volumes (engine names) that are removed and made again. */
export interface RemadeResources {
  readonly networks: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

/** Decides replica by replica, dependencies first, by the rules of Docker Compose's reconciler (docs/planning.md). */
export function decideFates({
  project,
  observed,
  options,
  scope,
  remade,
  pulls,
  removeFirst,
}: {
  project: Project;
  observed: Observed;
  options: UpOptions;
  scope: Scope;
  remade: RemadeResources;
  /** References that this plan fetches. */
  pulls: (service: string) => boolean;
  /** Replace where otherwise the new container would be made beside the old one. */
  removeFirst: boolean;
}): ReadonlyMap<string, readonly Fate[]> {
  const byService = Map.groupBy(observed.containers, (container) => container.service);
  const fates = new Map<string, readonly Fate[]>();
  /** Services whose containers can only be made after something was removed; who shares their namespaces must not be made before. */
  const late = new Set<string>();
  for (const name of scope.services) {
    const service = project.services[name];
    if (service === undefined) continue;
    if (options.oneOff?.service === name) {
      fates.set(name, [{ service: name, number: 0, name: options.oneOff.name, kind: 'create', reason: { kind: 'requested' } }]);
      continue;
    }
    if (declaredRemade(service) !== undefined || donorNames(service).some((donor) => late.has(donor))) late.add(name);
    fates.set(name, decideService(name, service));
    if (fates.get(name)?.some((fate) => fate.kind === 'replace')) late.add(name);
  }
  return fates;

  function decideService(name: string, service: Service): readonly Fate[] {
    const slots = slotsOf(name, byService.get(name) ?? []);
    const diverged = divergenceTest({ project, name, service, observed, pulled: pulls(name) });
    const judged = slots.map((slot) => ({ slot, ...judge(slot, { name, service, diverged }) }));
    const wanted = options.scale[name] ?? replicasOf(service);
    const base = (number: number) => ({
      service: name,
      number,
      name: containerName({ project: project.name, name, service, number, separator: options.separator }),
    });

    // Diverged ones go first, then the highest numbers.
    const surplus = new Set(
      [...judged]
        .sort((a, b) => Number(b.reason !== undefined) - Number(a.reason !== undefined) || b.slot.number - a.slot.number)
        .slice(0, Math.max(0, judged.length - wanted)),
    );
    const existing = judged.flatMap((one): readonly Fate[] => {
      const { slot, reason } = one;
      const remove = (container: ObservedContainer, why: Reason): Fate => ({
        ...base(slot.number),
        kind: 'remove',
        container,
        reason: why,
      });
      if (surplus.has(one)) {
        return [slot.container, ...slot.leftovers].map((container) => remove(container, { kind: 'scale-down', to: wanted }));
      }
      const successor = reason !== undefined && one.kind === 'recreate' ? usableSuccessor(slot, { diverged, reason }) : undefined;
      const rest = slot.leftovers.filter((container) => container !== successor);
      const fate: Fate =
        reason === undefined
          ? { ...base(slot.number), kind: 'keep', container: slot.container }
          : one.kind === 'replace'
            ? { ...base(slot.number), kind: 'replace', container: slot.container, reason }
            : { ...base(slot.number), kind: 'recreate', container: slot.container, reason, ...(successor && { successor }) };
      return [fate, ...rest.map((container) => remove(container, { kind: 'part-of-recreate' }))];
    });
    const highest = slots.at(-1)?.number ?? 0;
    const reason: Reason = slots.length === 0 ? { kind: 'absent' } : { kind: 'scale-up', to: wanted };
    const created = Array.from(
      { length: Math.max(0, wanted - slots.length) },
      (_, index): Fate => ({ ...base(highest + index + 1), kind: 'create', reason }),
    );
    return [...existing, ...created];
  }

  function judge(
    { container }: Slot,
    {
      name,
      service,
      diverged,
    }: { name: string; service: Service; diverged: (container: ObservedContainer) => Reason | undefined },
  ): { readonly reason: Reason | undefined; readonly kind: 'recreate' | 'replace' } {
    const remadeResource = usedRemade(container, service);
    if (remadeResource !== undefined) return { reason: remadeResource, kind: 'replace' };
    const donors = donorNames(service).map((donor) => ({ donor, fates: fates.get(donor) ?? [] }));
    const replacedDonor = donors.find((one) => one.fates.some((fate) => fate.kind === 'replace'));
    if (replacedDonor !== undefined)
      return { reason: { kind: 'dependency-recreated', of: replacedDonor.donor }, kind: 'replace' };
    const policy = policyFor(name);
    const kind = removeFirst ? 'replace' : 'recreate';
    if (policy === 'never') return { reason: undefined, kind };
    if (policy === 'force') return { reason: { kind: 'forced' }, kind };
    const newDonor = donors.find((one) => isNewDonor(one, container));
    if (newDonor !== undefined) return { reason: { kind: 'dependency-recreated', of: newDonor.donor }, kind };
    return { reason: diverged(container), kind };
  }

  /** A network or volume that is made anew and that this container has or will have. */
  function usedRemade(container: ObservedContainer, service: Service): Reason | undefined {
    const network = container.endpoints.find((endpoint) => remade.networks.has(endpoint.network))?.network;
    if (network !== undefined) return { kind: 'network-changed', network };
    const volume = [...remade.volumes].find((one) => usesVolume(container, one, observed));
    return volume === undefined ? declaredRemade(service) : { kind: 'volume-changed', volume };
  }

  function declaredRemade(service: Service): Reason | undefined {
    const network = [...networksOf(project, service).values()].find((one) => remade.networks.has(one));
    if (network !== undefined) return { kind: 'network-changed', network };
    const volume = [...volumesOf(project, service).values()].find((one) => remade.volumes.has(one));
    return volume === undefined ? undefined : { kind: 'volume-changed', volume };
  }

  function policyFor(name: string): UpOptions['recreate'] {
    if (!scope.named.has(name)) return options.recreateDependencies;
    return options.renewAnonymousVolumes && options.recreate !== 'never' ? 'force' : options.recreate;
  }
}

/** Whether the container that lends its namespace is not the one that this container was made with. */
function isNewDonor({ donor, fates }: { donor: string; fates: readonly Fate[] }, container: ObservedContainer): boolean {
  const lender = fates.filter((fate) => fate.kind !== 'remove').sort((a, b) => a.number - b.number)[0];
  if (lender === undefined) return false;
  if (lender.kind !== 'keep') return true;
  const recorded = recordedDonors(container)[donor];
  return recorded !== undefined && recorded !== lender.container.id;
}

function recordedDonors(container: ObservedContainer): Readonly<Record<string, unknown>> {
  const label = container.labels[ownLabel.donors];
  if (label === undefined) return {};
  try {
    const value: unknown = JSON.parse(label);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The newest leftover of this very recreate, if it is still what the file says. */
function usableSuccessor(
  slot: Slot,
  { diverged, reason }: { diverged: (container: ObservedContainer) => Reason | undefined; reason: Reason },
): ObservedContainer | undefined {
  // Forced and donor-driven recreates cannot tell whether the leftover is new enough.
  if (reason.kind === 'forced' || reason.kind === 'dependency-recreated') return undefined;
  return slot.leftovers.find(
    (one) =>
      one.state === 'created' &&
      one.name.startsWith(slot.container.id.slice(0, 12)) &&
      isTemporaryName(one.name) &&
      diverged(one) === undefined,
  );
}

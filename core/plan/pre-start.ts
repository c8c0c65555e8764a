import type { Project, Service } from '../model/project.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import type { ContainerRef, Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';

/**
 * Adds the `pre_start` hooks of a service, one after another: each is a container of its own that must end with status 0 before the
 * first replica starts; it is removed again, and one that a failed run left for inspection makes room first. Returns what the starts
 * of the replicas wait for, nothing without hooks.
 */
export function addPreStart(
  draft: Draft,
  request: {
    readonly project: Project;
    readonly observed: Observed;
    readonly name: string;
    readonly service: Service;
    readonly reason: Reason;
    /** The replica whose volumes the hooks share; it exists before they run. */
    readonly replica: ContainerRef;
    readonly after: readonly Node[];
  },
): readonly Node[] {
  const { project, observed, name, service, reason, replica } = request;
  let after = request.after;
  let last: readonly Node[] = [];
  for (const index of (service.pre_start ?? []).keys()) {
    const containerName = hookContainerName({ project: project.name, service: name, index: String(index) });
    const leftover = observed.containers.find((one) => one.name === containerName && isHookContainer(one));
    const room =
      leftover === undefined
        ? []
        : [
            draft.add(
              'container.remove',
              { container: leftover.id, name: containerName, service: name, volumes: true },
              { reason, after: [] },
            ),
          ];
    const create = draft.add(
      'container.create',
      {
        service: name,
        number: 0,
        name: containerName,
        oneOff: { useAliases: true, autoRemove: false },
        preStart: { index, ...(typeof replica === 'string' ? { replica } : {}) },
      },
      { reason, after: [...after, ...room, ...(typeof replica === 'string' ? [] : [replica])] },
    );
    const named = { container: create, name: containerName, service: name };
    const start = draft.add('container.start', named, { reason, after: [create] });
    const ended = draft.add(
      'container.await',
      { ...named, condition: 'exited', required: true, expectExitCode: 0, preStart: index },
      { reason, after: [start] },
    );
    last = [draft.add('container.remove', { ...named, volumes: true }, { reason, after: [ended] })];
    after = last;
  }
  return last;
}

/** Whether a container is that of a `pre_start` hook: one of a failed run stays, for inspection, until the next `up` or `down`. */
export function isHookContainer({ oneOff, ...named }: ObservedContainer): boolean {
  return oneOff && hookIndex(named) !== undefined;
}

/** Which `pre_start` hook of its service a container of this name is for; undefined for all others. */
export function hookIndex({
  name,
  project,
  service,
}: Pick<ObservedContainer, 'name' | 'project' | 'service'>): number | undefined {
  const index = /-pre_start-(\d+)$/.exec(name)?.[1];
  return index !== undefined && name === hookContainerName({ project, service, index }) ? Number(index) : undefined;
}

function hookContainerName({ project, service, index }: { project: string; service: string; index: string }): string {
  return `${project}-${service}-pre_start-${index}`;
}

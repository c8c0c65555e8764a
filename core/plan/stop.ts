import type { Service } from '../model/project.ts';
import type { ObservedContainer } from '../observe/observed.ts';
import type { Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';

/** Whether a container has, or will get again, a process. */
export function isUp(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
}

/**
 * Adds `pre_stop` hooks and the stop of one container; undefined, and nothing added, when it is not up. `last` is what
 * others wait for, `first` what waits for others.
 */
export function addStop({
  draft,
  container,
  service,
  reason,
  after = [],
  group,
  timeoutMs,
  isResumable,
}: {
  draft: Draft;
  container: ObservedContainer;
  /** Absent for an orphan: then there are no hooks. */
  service: Service | undefined;
  reason: Reason;
  after?: Iterable<Node>;
  group?: string | undefined;
  timeoutMs?: number | undefined;
  isResumable?: boolean | undefined;
}): { readonly first: Node; readonly last: Node } | undefined {
  if (!isUp(container)) return undefined;
  const named = { container: container.id, name: container.name, service: container.service };
  const rest = { reason, group };
  const nodes: Node[] = [];
  const next = () => nodes.slice(-1);
  // An exec needs a process that runs.
  if (container.state === 'running') {
    for (const index of (service?.pre_stop ?? []).keys()) {
      nodes.push(
        draft.add(
          'container.hook',
          { ...named, hook: 'pre_stop', index },
          { ...rest, after: nodes.length === 0 ? after : next() },
        ),
      );
    }
  }
  const how = { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(isResumable ? { isResumable } : {}) };
  const last = draft.add('container.stop', { ...named, ...how }, { ...rest, after: nodes.length === 0 ? after : next() });
  return { first: nodes[0] ?? last, last };
}

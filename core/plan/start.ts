import type { Service } from '../model/project.ts';
import type { ContainerRef, Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';

/** Adds the start of one container and its `post_start` hooks; the second is what dependents wait for. */
export function addStart({
  draft,
  container,
  name,
  serviceName,
  service,
  reason,
  after,
  group,
}: {
  draft: Draft;
  container: ContainerRef;
  name: string;
  serviceName: string;
  service: Service;
  reason: Reason;
  after: Iterable<Node>;
  group?: string | undefined;
}): { readonly start: Node; readonly last: Node } {
  const named = { container, name, service: serviceName };
  const start = draft.add('container.start', named, { reason, group, after });
  let last = start;
  for (const index of (service.post_start ?? []).keys()) {
    last = draft.add('container.hook', { ...named, hook: 'post_start', index }, { reason, group, after: [last] });
  }
  return { start, last };
}

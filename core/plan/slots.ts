import type { ObservedContainer } from '../observe/observed.ts';
import { isTemporaryName } from './names.ts';

/** What stands at one replica number of a service: normally one container; more when a recreate was interrupted. */
export interface Slot {
  readonly number: number;
  readonly container: ObservedContainer;
  /** Left over by an interrupted recreate, newest first; all have temporary names. */
  readonly leftovers: readonly ObservedContainer[];
}

/** The service's containers by replica number, ascending. One-offs are not replicas. */
export function slotsOf(service: string, containers: readonly ObservedContainer[]): readonly Slot[] {
  const own = containers.filter((container) => container.service === service && !container.oneOff);
  return [...Map.groupBy(own, (container) => container.number)]
    .sort(([a], [b]) => a - b)
    .flatMap(([number, members]) => {
      // Final names first; among temporary ones the newest has the latest definition.
      const [container, ...leftovers] = members.sort(
        (a, b) =>
          Number(isTemporaryName(a.name)) - Number(isTemporaryName(b.name)) ||
          (a.createdAt > b.createdAt ? -1 : a.createdAt < b.createdAt ? 1 : a.id < b.id ? -1 : 1),
      );
      return container === undefined ? [] : [{ number, container, leftovers }];
    });
}

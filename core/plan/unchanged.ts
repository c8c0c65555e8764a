import type { Plan } from './plan.ts';

/** The entry of a container for which nothing is done. */
export function unchangedContainer({
  name,
  service,
}: {
  readonly name: string;
  readonly service: string;
}): Plan['unchanged'][number] {
  return { kind: 'container', name, service };
}

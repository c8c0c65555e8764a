import type { ProviderCommand } from '../engine/provider.ts';
import type { Project } from '../model/project.ts';
import type { Draft, Node } from './draft.ts';

/**
 * Adds one run for each of the services that has a provider, in the order given, each after those before it that it depends on
 * and after `after`.
 */
export function addProviders({
  draft,
  project,
  services,
  command,
  after = [],
}: {
  draft: Draft;
  project: Project;
  services: readonly string[];
  command: ProviderCommand;
  after?: Iterable<Node>;
}): readonly Node[] {
  const nodes = new Map<string, Node>();
  const before = [...after];
  for (const name of services) {
    const service = project.services[name];
    if (service?.provider === undefined) continue;
    const earlier = Object.keys(service.depends_on ?? {}).flatMap((one) => nodes.get(one) ?? []);
    const fields = { service: name, provider: service.provider.type, command };
    nodes.set(name, draft.add('provider.run', fields, { reason: { kind: 'requested' }, after: [...before, ...earlier] }));
  }
  return [...nodes.values()];
}

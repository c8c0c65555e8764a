import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { reachable } from '../graph/reachable.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import type { Project, Service } from '../model/project.ts';
import { donorNames } from '../model/service-references.ts';
import { diagnose } from './catalogue.ts';

/** The services that a command works on. */
export interface Scope {
  /** Dependencies first. */
  readonly services: readonly string[];
  /** Named on the command line; all when none is named. */
  readonly named: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Named services (all when none is named) and, unless `alone`, what they depend on or, with `dependents`, what depends on
 * them. Unknown names and cycles are reported, and left out.
 */
export function selectServices(
  project: Project,
  { services, follow }: { services: readonly string[]; follow: 'dependencies' | 'dependents' | 'alone' },
): Scope {
  const known = Object.keys(project.services);
  const unknown = services.filter((name) => project.services[name] === undefined);
  const named = new Set(services.length === 0 ? known : services.filter((name) => project.services[name] !== undefined));
  const next = {
    dependencies: (name: string) => dependenciesOf(project, name),
    dependents: dependentsIn(project),
    alone: () => [],
  }[follow];
  const selected = reachable(named, next);
  const { order, cycle } = topologicalOrder(known.filter((name) => selected.has(name)).sort(), (name) =>
    dependenciesOf(project, name),
  );
  return {
    services: order ?? [],
    named,
    diagnostics: [
      ...[...new Set(unknown)].map((service) => diagnose('plan.no-such-service', { service, known })),
      ...(cycle === undefined ? [] : [diagnose('plan.dependency-cycle', { services: cycle })]),
    ],
  };
}

/** Names that must be up before: `depends_on` and the services that lend a namespace or volumes; of enabled services, sorted. */
export function dependenciesOf(project: Project, name: string): readonly string[] {
  const service: Service | undefined = project.services[name];
  if (service === undefined) return [];
  const names = new Set([...Object.keys(service.depends_on ?? {}), ...donorNames(service)]);
  return [...names].filter((one) => project.services[one] !== undefined).sort();
}

/** The opposite direction of `dependenciesOf`. */
export function dependentsIn(project: Project): (name: string) => readonly string[] {
  const dependents = new Map<string, string[]>();
  for (const name of Object.keys(project.services).sort()) {
    for (const dependency of dependenciesOf(project, name)) {
      const list = dependents.get(dependency);
      if (list === undefined) dependents.set(dependency, [name]);
      else list.push(name);
    }
  }
  return (name) => dependents.get(name) ?? [];
}

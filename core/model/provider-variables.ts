import type { Project, Service } from './project.ts';

/** A variable that the provider of a service has set. */
export interface ProvidedVariable {
  readonly name: string;
  readonly value: string;
  readonly raw: boolean;
}

/** A value written in the file that a provider replaces. */
export interface Overridden {
  readonly provider: string;
  readonly service: string;
  readonly variable: string;
}

/**
 * The project with the variables of providers in the environment of the services that depend on them: `<SERVICE>_<NAME>`, or the
 * plain name of a raw one. They count for the hash: a service whose variables changed is recreated.
 */
export function withProviderVariables(
  project: Project,
  variables: ReadonlyMap<string, readonly ProvidedVariable[]>,
): { readonly project: Project; readonly overridden: readonly Overridden[] } {
  const overridden: Overridden[] = [];
  if (variables.size === 0) return { project, overridden };
  const services = Object.fromEntries(
    Object.entries(project.services).map(([name, service]) => [name, extended(name, service)] as const),
  );
  return { project: { ...project, services }, overridden };

  function extended(name: string, service: Service): Service {
    const added = Object.keys(service.depends_on ?? {}).flatMap((provider) =>
      (variables.get(provider) ?? []).map((one) => {
        const variable = one.raw ? one.name : `${provider.toUpperCase()}_${one.name}`;
        const current = service.environment?.[variable];
        if (one.raw && current !== undefined && current !== one.value) overridden.push({ provider, service: name, variable });
        return [variable, one.value] as const;
      }),
    );
    return added.length === 0 ? service : { ...service, environment: { ...service.environment, ...Object.fromEntries(added) } };
  }
}

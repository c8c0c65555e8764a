import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec, EndpointSpec } from '#core/engine/specs.ts';
import type { Service } from '#core/model/project.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import { readContainers } from './container-rows.ts';

/**
 * Refuses `external_links` to a container that does not exist or shares no network with the new one: `engine.invalid-attribute`.
 * Later it may stop and come back under other addresses: its name is looked up when the alias is asked for.
 */
export function checkExternalLinks(database: DatabaseSync, spec: ContainerSpec, endpoints: readonly EndpointSpec[]): void {
  const links = externalLinks(spec.service);
  if (links.length === 0) return;
  const containers = new Map(readContainers(database).map((one) => [one.name, one]));
  const own = new Set(endpoints.map((one) => one.network));
  for (const { container } of links) {
    const target = containers.get(container);
    if (target === undefined) refuse(spec, `there is no container "${container}"; bring up the project that it belongs to first`);
    const networks = target.stored.networks.map((one) => one.name);
    if (!networks.some((one) => own.has(one))) {
      const theirs = networks.length === 0 ? 'none' : networks.join(', ');
      refuse(spec, `it shares no network with "${container}" (${theirs}); list one of them under "networks" as external`);
    }
  }
}

/** The aliases as the container's resolver gets them; nothing without links. */
export function externalAliases(service: Service): Pick<NonNullable<SupervisorSpec['dns']>, 'links'> {
  const links = externalLinks(service).filter(({ container, alias }) => alias !== container);
  return links.length === 0 ? {} : { links: links.map(({ container, alias }) => `${alias}:${container}`.toLowerCase()) };
}

/** `CONTAINER[:ALIAS]` each (Compose Specification, "external_links"). */
function externalLinks(service: Service): readonly { readonly container: string; readonly alias: string }[] {
  return (service.external_links ?? []).map((text) => {
    const [container = '', alias = container] = text.split(':');
    return { container, alias };
  });
}

function refuse(spec: ContainerSpec, reason: string): never {
  throw new TscomposeError(diagnose('engine.invalid-attribute', { service: spec.serviceName, key: 'external_links', reason }));
}

import type { EndpointSpec } from '../engine/specs.ts';
import type { Project, Service } from '../model/project.ts';
import { linkAliases } from '../model/service-references.ts';

/**
 * Endpoints of one container, primary first: priority descending, then key. A replica answers to its container name, the
 * service name, declared aliases and the names under which others link to it; a one-off only to its own unless `useAliases`.
 */
export function serviceEndpoints(
  project: Project,
  service: Service,
  { name, containerName, useAliases }: { name: string; containerName: string; useAliases: boolean },
): readonly EndpointSpec[] {
  if (service.network_mode !== undefined) return [];
  const links = useAliases ? linkAliases(project, name) : [];
  return Object.entries(service.networks ?? {})
    .sort(([a, left], [b, right]) => (right?.priority ?? 0) - (left?.priority ?? 0) || (a < b ? -1 : 1))
    .map(([key, settings], index): EndpointSpec => {
      const macAddress = settings?.mac_address ?? (index === 0 ? service.mac_address : undefined);
      return {
        network: project.networks[key]?.name ?? key,
        aliases: [...new Set([containerName, ...(useAliases ? [name, ...(settings?.aliases ?? []), ...links] : [])])],
        ...(settings?.ipv4_address === undefined ? {} : { ipv4Address: settings.ipv4_address }),
        ...(settings?.ipv6_address === undefined ? {} : { ipv6Address: settings.ipv6_address }),
        ...(settings?.link_local_ips === undefined ? {} : { linkLocalAddresses: settings.link_local_ips }),
        ...(macAddress === undefined ? {} : { macAddress }),
        ...(settings?.interface_name === undefined ? {} : { interfaceName: settings.interface_name }),
        ...(settings?.gw_priority === undefined ? {} : { gatewayPriority: settings.gw_priority }),
        ...(settings?.driver_opts === undefined ? {} : { driverOpts: settings.driver_opts }),
      };
    });
}

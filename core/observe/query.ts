import { withAbsoluteProfiles } from '../model/absolute-profiles.ts';
import type { Port, Project, Service } from '../model/project.ts';
import { imageMountsOf, imageOf } from '../model/service-references.ts';
import type { HostPort, ObserveQuery } from './observed.ts';

/** What `plan` must know of the world for this project; disabled services need nothing. */
export function observeQuery(project: Project): ObserveQuery {
  const services = Object.entries(project.services);
  return {
    project: project.name,
    images: distinct(services.flatMap(([name, service]) => imagesOf(project, name, service))),
    networks: distinct(Object.values(project.networks).map((network) => network.name)),
    volumes: distinct(Object.values(project.volumes).map((volume) => volume.name)),
    ports: wantedPorts(services.flatMap(([, service]) => service.ports ?? [])),
    services: Object.fromEntries(services.map(([name, service]) => [name, withAbsoluteProfiles(project, service)])),
    files: distinct(services.flatMap(([, service]) => filesOf(project, service))),
  };
}

function imagesOf(project: Project, name: string, service: Service): readonly string[] {
  const own = service.image !== undefined || service.build !== undefined ? [imageOf(project, name, service)] : [];
  return [...own, ...imageMountsOf(service)];
}

function filesOf(project: Project, service: Service): readonly string[] {
  const objects = [
    ...(service.configs ?? []).map(({ source }) => project.configs[source]),
    ...(service.secrets ?? []).map(({ source }) => project.secrets[source]),
  ];
  return objects.flatMap((object) => (object?.file === undefined ? [] : [object.file]));
}

function wantedPorts(ports: readonly Port[]): readonly HostPort[] {
  const wanted = ports.flatMap((port) => fixedHostPort(port) ?? []);
  return [...new Map(wanted.map((port) => [`${port.protocol} ${port.port} ${port.hostIp}`, port])).values()].sort(
    (a, b) =>
      a.port - b.port || (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0) || (a.hostIp < b.hostIp ? -1 : 1),
  );
}

/** The one host port that a published port asks for; undefined for an ephemeral port and for a range, of which any may be free. */
export function fixedHostPort(port: Port): HostPort | undefined {
  const range = publishedRange(port);
  if (range === undefined || range.first !== range.last) return undefined;
  return { hostIp: port.host_ip ?? '', port: range.first, protocol: protocolOf(port) };
}

/** Inclusive range of host ports; undefined for an ephemeral port. */
export function publishedRange(port: Port): { readonly first: number; readonly last: number } | undefined {
  const [first, last = first] = (port.published ?? '').split('-');
  if (first === undefined || first === '' || first === '0') return undefined;
  return { first: Number(first), last: Number(last) };
}

/** Protocol of a port; written in any case, `tcp` unless said. */
export function protocolOf(port: Port): HostPort['protocol'] {
  const protocol = port.protocol?.toLowerCase();
  return protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp';
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

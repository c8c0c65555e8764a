import type { Service } from '#core/model/project.ts';

/** A service that another one needs, and until when it waits for it. */
export interface Dependency {
  readonly service: string;
  readonly condition: string;
}

export function dependencies(service: Service): readonly Dependency[] {
  return byName(service.depends_on ?? {}).map(([name, one]) => ({ service: name, condition: one.condition }));
}

/** `8080->80/tcp`; ports without a host port as `80/tcp`. */
export function publishedPorts(service: Service): readonly string[] {
  return (service.ports ?? []).map(({ host_ip, published, target, protocol }) => {
    const host = published === undefined ? '' : `${host_ip === undefined ? '' : `${host_ip}:`}${published}->`;
    return `${host}${target}/${protocol ?? 'tcp'}`;
  });
}

/** What a service keeps: named volumes and bind mounts, `source:target`. */
export function keptPlaces(service: Service): readonly string[] {
  return (service.volumes ?? [])
    .filter((one) => one.type === 'volume' || one.type === 'bind')
    .map((one) => `${one.source ?? 'anonymous'}:${one.target}`);
}

export function byName<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

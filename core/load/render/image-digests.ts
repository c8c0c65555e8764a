import type { Project, Service } from '../../model/project.ts';
import { serviceShape } from '../../model/service-shape.ts';
import { emitJson } from './emit-json.ts';
import { emitYaml } from './emit-yaml.ts';
import { type Form, type Ordered, ordered } from './ordered.ts';

/** The images whose digests `config --resolve-image-digests` asks for, each once. */
export function imagesToResolve(project: Project): string[] {
  const images = new Set<string>();
  mapImages(project, (image) => {
    if (!image.includes('@')) images.add(image);
    return image;
  });
  return [...images];
}

/** The project with images replaced by what `resolved` says for them. */
export function withImages(project: Project, resolved: ReadonlyMap<string, string>): Project {
  return mapImages(project, (image) => resolved.get(image) ?? image);
}

function mapImages(project: Project, change: (image: string) => string): Project {
  const isService = (name: string) => project.services[name] !== undefined || project.disabledServices[name] !== undefined;
  const services: Record<string, Service> = Object.create(null);
  for (const [name, service] of Object.entries(project.services)) {
    const image = service.image ? change(service.image) : undefined;
    const hooks = service.pre_start?.map((hook) => (hook.image ? { ...hook, image: change(hook.image) } : hook));
    const volumes = service.volumes?.map((mount) =>
      mount.type === 'image' && mount.source && !isService(mount.source) ? { ...mount, source: change(mount.source) } : mount,
    );
    services[name] = {
      ...service,
      ...(image === undefined ? {} : { image }),
      ...(hooks === undefined ? {} : { pre_start: hooks }),
      ...(volumes === undefined ? {} : { volumes }),
    };
  }
  return { ...project, services };
}

/** `config --lock-image-digests`: an override file that fixes the images and nothing else. */
export function renderLock(project: Project, form: Form): string {
  const services = new Map<string, Ordered>();
  for (const [name, service] of Object.entries(project.services)) {
    const volumes = service.volumes?.filter((mount) => mount.type === 'image') ?? [];
    const locked = { image: service.image, ...(volumes.length > 0 ? { volumes } : {}), command: null, entrypoint: null };
    services.set(name, ordered(locked, serviceShape, form));
  }
  if (form === 'json')
    return emitJson(
      new Map<string, Ordered>([
        ['name', ''],
        ['services', services],
      ]),
      2,
    );
  return emitYaml(new Map([['services', services]]));
}

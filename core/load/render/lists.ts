import type { Project, Service } from '../../model/project.ts';
import { compareBytes } from '../compare.ts';
import { configHash } from './config-hash.ts';

/** `config --services`: names, dependencies before dependents, otherwise sorted. */
export function serviceNames(project: Project): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const start of Object.keys(project.services).sort(compareBytes)) {
    const stack = [{ name: start, rest: dependenciesOf(start, project, seen) }];
    if (seen.has(start)) continue;
    seen.add(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        order.push(top.name);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ name: next, rest: dependenciesOf(next, project, seen) });
      }
    }
  }
  return order;
}

function dependenciesOf(name: string, project: Project, seen: ReadonlySet<string>): string[] {
  const names = Object.keys(project.services[name]?.depends_on ?? {});
  return names.filter((other) => project.services[other] !== undefined && !seen.has(other)).sort(compareBytes);
}

/** `config --networks`, `--volumes`: sorted keys. */
export function resourceKeys(project: Project, section: 'networks' | 'volumes'): string[] {
  return Object.keys(project[section]).sort(compareBytes);
}

/** `config --models`: model references. */
export function modelReferences(project: Project): string[] {
  return Object.values(project.models).map((model) => String(model['model'] ?? ''));
}

/** `config --profiles`: profiles of all services, disabled ones included, sorted. */
export function profileNames(project: Project): string[] {
  const services: Service[] = [...Object.values(project.services), ...Object.values(project.disabledServices)];
  return [...new Set(services.flatMap((service) => service.profiles ?? []))].sort(compareBytes);
}

/** `config --images`: each service's image (what a build is to be named when it has none), then other images of its hooks. */
export function imageNames(project: Project, options: { readonly separator: '-' | '_' }): string[] {
  return Object.entries(project.services).flatMap(([name, service]) => {
    const image = service.image || `${project.name}${options.separator}${name}`;
    const hooks = (service.pre_start ?? []).map((hook) => hook.image ?? '').filter((other) => other !== '' && other !== image);
    return [image, ...hooks];
  });
}

/** `config --hash`: `name hash` lines of the given services, sorted; all when none is given. */
export function hashLines(project: Project, names: readonly string[]): string[] {
  return Object.entries(project.services)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, service]) => `${name} ${configHash(withDefaultPlatform(service, project))}`);
}

function withDefaultPlatform(service: Service, project: Project): Service {
  const platform = project.environment['DOCKER_DEFAULT_PLATFORM'];
  return service.build !== undefined && !service.platform && platform ? { ...service, platform } : service;
}

/** `config --environment`: `NAME=value` lines of the interpolation environment, sorted. */
export function environmentLines(project: Project): string[] {
  return Object.entries(project.environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort(compareBytes);
}

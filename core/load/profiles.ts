import { TscomposeError } from '../diagnostics/error.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Project, Service } from '../model/project.ts';
import { diagnose } from './catalogue.ts';

type Services = Readonly<Record<string, Service>>;

/** Splits services into those that the active profiles enable and the others. */
export function withProfiles(project: Project, active: readonly string[]): Project {
  const all = { ...project.services, ...project.disabledServices };
  return split(project, all, (service) => isEnabled(service, active));
}

function isEnabled(service: Service, active: readonly string[]): boolean {
  const profiles = service.profiles ?? [];
  return profiles.length === 0 || active.includes('*') || profiles.some((profile) => active.includes(profile));
}

/** Enables the named services, by activating all profiles that they have; their siblings come with them. */
export function withServicesEnabled(project: Project, names: readonly string[]): Project {
  const all: Services = { ...project.services, ...project.disabledServices };
  const activated = new Set<string>();
  for (const name of names) {
    if (project.services[name] !== undefined) continue;
    for (const profile of project.disabledServices[name]?.profiles ?? []) activated.add(profile);
  }
  if (activated.size === 0) return project;
  const active = [...activated];
  return split(project, all, (service, name) => project.services[name] !== undefined || isEnabled(service, active));
}

/** Narrows a project to the named services and, unless told otherwise, all they depend on. Names may be shell patterns. */
export function withSelectedServices(project: Project, names: readonly string[], options: { dependencies: boolean }): Project {
  if (names.length === 0) return project;
  const wanted = new Set<string>();
  const visit = (pattern: string, isRequired: boolean) => {
    const found = matching(pattern, project.services);
    if (found.length === 0 && isRequired) {
      const suggestion = nearest(pattern, Object.keys({ ...project.services, ...project.disabledServices }));
      throw new TscomposeError(diagnose('model.no-such-service', { name: pattern, suggestion }));
    }
    for (const name of found) {
      if (wanted.has(name)) continue;
      wanted.add(name);
      if (!options.dependencies) continue;
      const dependencies = project.services[name]?.depends_on ?? {};
      for (const [dependency, { required }] of Object.entries(dependencies)) visit(dependency, required);
    }
  };
  for (const name of names) visit(name, true);
  const all: Services = { ...project.services, ...project.disabledServices };
  const narrowed = split(project, all, (_service, name) => wanted.has(name));
  return { ...narrowed, services: mapValues(narrowed.services, (service) => withoutEdges(service, (name) => wanted.has(name))) };
}

function withoutEdges(service: Service, isKept: (name: string) => boolean): Service {
  if (service.depends_on === undefined) return service;
  const kept = Object.entries(service.depends_on).filter(([name]) => isKept(name));
  if (kept.length === Object.keys(service.depends_on).length) return service;
  if (kept.length > 0) return { ...service, depends_on: Object.fromEntries(kept) };
  const { depends_on: _dropped, ...rest } = service;
  return rest as Service;
}

function matching(pattern: string, services: Services): string[] {
  if (!/[*?[]/.test(pattern)) return services[pattern] === undefined ? [] : [pattern];
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`);
  return Object.keys(services).filter((name) => expression.test(name));
}

function split(project: Project, all: Services, isIn: (service: Service, name: string) => boolean): Project {
  const services: Record<string, Service> = Object.create(null);
  const disabledServices: Record<string, Service> = Object.create(null);
  for (const name of Object.keys(all).sort()) {
    const service = all[name];
    if (service !== undefined) (isIn(service, name) ? services : disabledServices)[name] = service;
  }
  return { ...project, services, disabledServices };
}

function mapValues(services: Services, change: (service: Service, name: string) => Service): Services {
  const result: Record<string, Service> = Object.create(null);
  for (const [name, service] of Object.entries(services)) result[name] = change(service, name);
  return result;
}

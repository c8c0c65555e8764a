import type { Project } from '../model/project.ts';

/** Leaves out networks, volumes, secrets, configs and models that no enabled service uses. */
export function withoutUnusedResources(project: Project): Project {
  const used = {
    networks: new Set<string>(),
    volumes: new Set<string>(),
    secrets: new Set<string>(),
    configs: new Set<string>(),
    models: new Set<string>(),
  };
  for (const service of Object.values(project.services)) {
    for (const name of Object.keys(service.networks ?? {})) used.networks.add(name);
    for (const mount of service.volumes ?? []) if (mount.type === 'volume' && mount.source) used.volumes.add(mount.source);
    for (const secret of service.secrets ?? []) used.secrets.add(secret.source);
    for (const secret of buildSecrets(service.build)) used.secrets.add(secret);
    for (const config of service.configs ?? []) used.configs.add(config.source);
    for (const name of Object.keys(service.models ?? {})) used.models.add(name);
  }
  return {
    ...project,
    networks: only(project.networks, used.networks),
    volumes: only(project.volumes, used.volumes),
    secrets: only(project.secrets, used.secrets),
    configs: only(project.configs, used.configs),
    models: only(project.models, used.models),
  };
}

function buildSecrets(build: Readonly<Record<string, unknown>> | undefined): string[] {
  const list = build?.['secrets'];
  return Array.isArray(list) ? list.map((item: { source?: string }) => item.source ?? '') : [];
}

function only<T>(all: Readonly<Record<string, T>>, used: ReadonlySet<string>): Readonly<Record<string, T>> {
  const result: Record<string, T> = Object.create(null);
  for (const [name, value] of Object.entries(all)) if (used.has(name)) result[name] = value;
  return result;
}

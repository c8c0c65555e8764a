import type { Service } from './project.ts';

/** How many containers the file wants of a service: `scale`, else `deploy.replicas`, else one; none where a provider stands for it. */
export function replicasOf(service: Service): number {
  if (service.provider !== undefined) return 0;
  return service.scale ?? service.deploy?.replicas ?? 1;
}

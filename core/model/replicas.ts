import type { Service } from './project.ts';

/** How many containers the file wants of a service: `scale`, else `deploy.replicas`, else one. */
export function replicasOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}

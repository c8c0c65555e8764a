import type { Service } from '../model/project.ts';

/** Final name of a replica: `container_name`, else `<project>-<service>-<number>`. */
export function containerName({
  project,
  name,
  service,
  number,
}: {
  project: string;
  name: string;
  service: Service;
  number: number;
}): string {
  return service.container_name ?? `${project}-${name}-${number}`;
}

/** Name of a container while the one that it replaces still has the final name. */
export function temporaryName(oldId: string, name: string): string {
  return `${oldId.slice(0, 12)}_${name}`;
}

/** Whether a name was made by `temporaryName`: left over when a command was killed between create and rename. */
export function isTemporaryName(name: string): boolean {
  return /^[0-9a-f]{12}_/.test(name);
}

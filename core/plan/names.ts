import type { Service } from '../model/project.ts';

/** Final name of a replica: `container_name`, else `<project>-<service>-<number>`, with `_` where the options ask for it. */
export function containerName({
  project,
  name,
  service,
  number,
  separator = '-',
}: {
  project: string;
  name: string;
  service: Service;
  number: number;
  separator?: '-' | '_' | undefined;
}): string {
  return service.container_name ?? [project, name, number].join(separator);
}

/** Name of a container while the one that it replaces still has the final name. */
export function temporaryName(oldId: string, name: string): string {
  return `${oldId.slice(0, 12)}_${name}`;
}

/** Whether a name was made by `temporaryName`: left over when a command was killed between create and rename. */
export function isTemporaryName(name: string): boolean {
  return /^[0-9a-f]{12}_/.test(name);
}

/** The name that a container has in the end: without what `temporaryName` put before it. */
export function finalName(name: string): string {
  return isTemporaryName(name) ? name.slice(name.indexOf('_') + 1) : name;
}

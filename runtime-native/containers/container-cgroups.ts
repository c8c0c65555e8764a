import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import type { EngineContext } from '../engine-context.ts';
import { sharesNamespace } from '../host/process-table.ts';

/** Cgroup directories of a running container by controller (`unified` for v2), as its supervisor was told. */
export function cgroupDirectories({ paths }: EngineContext, id: string): ReadonlyMap<string, string> {
  try {
    const text = readFileSync(join(paths.containerRun(id), 'supervisor.json'), 'utf8');
    const spec = JSON.parse(text) as SupervisorSpec; // only startContainer writes it
    return new Map(spec.cgroups.map(({ controller, path }) => [controller, path]));
  } catch {
    // It has ended meanwhile.
    return new Map();
  }
}

/**
 * Every process of a container, those of cgroups that it has made below its own too. What is still in the supervisor's mount
 * namespace is on its way in (a health check that is being started) and none of it.
 */
export function containerPids(directories: ReadonlyMap<string, string>, supervisorPid: number): readonly number[] {
  const directory = directories.get('pids') ?? directories.get('unified') ?? [...directories.values()][0];
  if (directory === undefined) return [];
  const own = [...new Set(pidsBelow(directory))].filter((pid) => !sharesNamespace(pid, { other: supervisorPid, kind: 'mnt' }));
  return own.sort((a, b) => a - b);
}

/** Pids in a cgroup and those below it; none where there is no such cgroup. */
export function pidsBelow(directory: string): readonly number[] {
  const own = (readCgroupFile(directory, 'cgroup.procs') ?? '').split('\n').filter((line) => line !== '');
  return [...own.map(Number).filter((pid) => pid > 0), ...childrenOf(directory).flatMap(pidsBelow)];
}

function childrenOf(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory()).map((one) => join(directory, one.name));
  } catch {
    return [];
  }
}

/** Text of a file of a cgroup; undefined where the kernel has none, or the cgroup is gone. */
export function readCgroupFile(directory: string | undefined, name: string): string | undefined {
  if (directory === undefined) return undefined;
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch {
    return undefined;
  }
}

import { totalmem } from 'node:os';
import type { ContainerUsage } from '#core/engine/usage.ts';
import type { EngineContext } from '../engine-context.ts';
import { type ProcessFacts, readDiskCounters, readNetworkCounters, readProcess, sharesNamespace } from '../host/process-table.ts';
import { containerStatus } from './alive.ts';
import { cgroupDirectories, containerPids, readCgroupFile } from './container-cgroups.ts';
import { requireRunning } from './signal-container.ts';

type Directories = ReadonlyMap<string, string>;

/**
 * What a running container uses now. Where a cgroup controller is not there for it (cpuacct and blkio of v1 are only made when a
 * limit needs them) the counters of its living processes are added up.
 */
export function containerUsage(context: EngineContext, id: string): ContainerUsage {
  const row = requireRunning(context, id);
  const directories = cgroupDirectories(context, id);
  const current = containerStatus(context, row.id);
  const { pid, supervisorPid } = current.kind === 'live' ? current.status : { pid: 0, supervisorPid: 0 };
  const processes = containerPids(directories, supervisorPid).flatMap((one) => readProcess(one) ?? []);
  return {
    takenAtMs: performance.timeOrigin + performance.now(),
    ...cgroupUsage(directories, processes),
    ...network(pid),
  };
}

/** What the cgroup files of v1, hybrid and v2 say, by controller directory. */
export function cgroupUsage(
  directories: Directories,
  processes: readonly ProcessFacts[],
): Omit<ContainerUsage, 'takenAtMs' | 'receivedBytes' | 'sentBytes'> {
  return {
    cpuMs: cpuMs(directories, processes),
    ...memory(directories),
    ...disks(directories, processes),
    processes: taskCount(directories) ?? processes.length,
  };
}

function cpuMs(directories: Directories, processes: readonly ProcessFacts[]): number {
  const unified = number(readCgroupFile(directories.get('unified'), 'cpu.stat'), /^usage_usec (\d+)/m);
  if (unified !== undefined) return unified / 1e3;
  const accounted = number(readCgroupFile(directories.get('cpuacct'), 'cpuacct.usage'), /^(\d+)/);
  if (accounted !== undefined) return accounted / 1e6;
  return processes.reduce((sum, one) => sum + one.cpuMs + one.childrenCpuMs, 0);
}

function memory(directories: Directories): Pick<ContainerUsage, 'memoryBytes' | 'memoryLimitBytes'> {
  const [v1, v2] = [directories.get('memory'), directories.get('unified')];
  const usage = number(readCgroupFile(v1, 'memory.usage_in_bytes') ?? readCgroupFile(v2, 'memory.current'), /^(\d+)/) ?? 0;
  const stat = readCgroupFile(v1, 'memory.stat') ?? readCgroupFile(v2, 'memory.stat');
  const inactive = number(stat, v1 === undefined ? /^inactive_file (\d+)/m : /^total_inactive_file (\d+)/m) ?? 0;
  const limit = number(readCgroupFile(v1, 'memory.limit_in_bytes') ?? readCgroupFile(v2, 'memory.max'), /^(\d+)/);
  return {
    memoryBytes: Math.max(0, usage - inactive),
    memoryLimitBytes: Math.min(limit ?? Number.MAX_SAFE_INTEGER, totalmem()),
  };
}

/** Traffic of the host is not the container's. */
function network(pid: number): Pick<ContainerUsage, 'receivedBytes' | 'sentBytes'> {
  if (pid === 0 || sharesNamespace(pid, { other: 'self', kind: 'net' })) return { receivedBytes: 0, sentBytes: 0 };
  return readNetworkCounters(pid);
}

function disks(directories: Directories, processes: readonly ProcessFacts[]): Pick<ContainerUsage, 'readBytes' | 'writtenBytes'> {
  const unified = readCgroupFile(directories.get('unified'), 'io.stat');
  if (unified !== undefined) return { readBytes: sum(unified, /\brbytes=(\d+)/g), writtenBytes: sum(unified, /\bwbytes=(\d+)/g) };
  const throttle = readCgroupFile(directories.get('blkio'), 'blkio.throttle.io_service_bytes');
  if (throttle !== undefined) return { readBytes: sum(throttle, / Read (\d+)/g), writtenBytes: sum(throttle, / Write (\d+)/g) };
  const counters = processes.flatMap(({ pid }) => readDiskCounters(pid) ?? []);
  return {
    readBytes: counters.reduce((all, one) => all + one.readBytes, 0),
    writtenBytes: counters.reduce((all, one) => all + one.writtenBytes, 0),
  };
}

function taskCount(directories: Directories): number | undefined {
  return number(readCgroupFile(directories.get('pids') ?? directories.get('unified'), 'pids.current'), /^(\d+)/);
}

function number(text: string | undefined, pattern: RegExp): number | undefined {
  const digits = text === undefined ? undefined : pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((all, match) => all + Number(match[1]), 0);
}

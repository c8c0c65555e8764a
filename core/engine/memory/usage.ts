import type { ObservedContainer } from '../../observe/observed.ts';
import type { ContainerProcess, ContainerUsage } from '../usage.ts';

/** Every container in memory has its first process and no other. */
export function memoryProcesses(container: ObservedContainer, now: string): readonly ContainerProcess[] {
  const command = container.argv.length === 0 ? container.service : container.argv.join(' ');
  const startedAtMs = Date.parse(container.startedAt ?? now);
  return [{ pid: container.pid ?? 1, parentPid: 1, uid: 0, userName: 'root', startedAtMs, cpuMs: 0, command }];
}

/** Uses a tenth of a processor and 1 MiB. */
export function memoryUsage(container: ObservedContainer, now: string): ContainerUsage {
  const takenAtMs = Date.parse(now);
  return {
    takenAtMs,
    cpuMs: (takenAtMs - Date.parse(container.startedAt ?? now)) / 10,
    memoryBytes: 1024 * 1024,
    memoryLimitBytes: 1024 * 1024 * 1024,
    receivedBytes: 1000,
    sentBytes: 2000,
    readBytes: 0,
    writtenBytes: 4096,
    processes: 1,
  };
}

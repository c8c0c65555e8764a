import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { EngineContext } from '../engine-context.ts';
import { type ContainerRow, findContainer } from './container-rows.ts';

/**
 * Host directory that is /dev/shm of a container whose IPC namespace is shared: the host's own, or one on the host's
 * shared memory that belongs to the sharing container. Undefined: a private tmpfs.
 */
export function sharedMemory({ database }: EngineContext, row: ContainerRow): string | undefined {
  const { spec } = row.stored;
  if (spec.service.ipc === 'host') return '/dev/shm';
  const owner = spec.ipcContainer === undefined ? row : findContainer(database, spec.ipcContainer);
  if (owner?.stored.spec.service.ipc !== 'shareable') return undefined;
  const directory = sharedMemoryOf(owner.id);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o1777);
  return directory;
}

export function removeSharedMemory(row: ContainerRow): void {
  if (row.stored.spec.service.ipc === 'shareable') rmSync(sharedMemoryOf(row.id), { recursive: true, force: true });
}

function sharedMemoryOf(id: string): string {
  return `/dev/shm/tscompose-${id.slice(0, 24)}`;
}

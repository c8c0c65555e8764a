import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorStatus } from '#schemas/supervisor-protocol.ts';
import { isSameProcess } from '../host/process-identity.ts';

export interface StatusDirectories {
  readonly runDir: string;
  readonly stateDir: string;
}

/**
 * Where a container stands. `live`: its supervisor runs. `ended`: it ended for good and said so. `orphaned`: the status
 * says that it runs, but its supervisor was killed. Undefined: there is no status (never started in this boot).
 */
export type ContainerStatus =
  | { readonly kind: 'live' | 'ended' | 'orphaned'; readonly status: SupervisorStatus }
  | { readonly kind: 'none' };

/** Reads the running status, else the final one. */
export function readStatus(directories: StatusDirectories): ContainerStatus {
  const running = readStatusFile(join(directories.runDir, 'status.json'));
  if (running !== undefined && running.state !== 'exited') {
    const isAlive = isSameProcess(running.supervisorPid, running.supervisorStartTime);
    if (isAlive) return { kind: 'live', status: running };
    // It may have ended in good order between the two readings.
    const final = readStatusFile(join(directories.stateDir, 'status.json'));
    return final?.state === 'exited' ? { kind: 'ended', status: final } : { kind: 'orphaned', status: running };
  }
  const final = running ?? readStatusFile(join(directories.stateDir, 'status.json'));
  return final === undefined ? { kind: 'none' } : { kind: 'ended', status: final };
}

function readStatusFile(path: string): SupervisorStatus | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SupervisorStatus; // our own program; anything unreadable is "no status"
  } catch {
    return undefined;
  }
}

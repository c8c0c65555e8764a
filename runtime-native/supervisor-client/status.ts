import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorStatus } from '#schemas/supervisor-protocol.ts';
import { isSameProcess, processStartTime } from '../host/process-identity.ts';

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
  const running = readStatusFile(join(directories.runDir, 'status.json')) ?? statusOfLockHolder(directories.runDir);
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

/** Where the status cannot be read although a supervisor holds the container's lock: it runs, more we do not know. */
function statusOfLockHolder(runDir: string): SupervisorStatus | undefined {
  if (!existsSync(join(runDir, 'status.json'))) return undefined;
  const supervisorPid = lockHolder(join(runDir, 'lock'));
  const supervisorStartTime = supervisorPid === undefined ? undefined : processStartTime(supervisorPid);
  if (supervisorPid === undefined || supervisorStartTime === undefined) return undefined;
  return {
    ...{ version: 1, id: '', state: 'running', supervisorPid, supervisorStartTime, pid: 0, pidStartTime: 0, startedAt: '' },
    ...{ finishedAt: '', exitCode: 0, oomKilled: false, restartCount: 0, error: 'its status cannot be read' },
  };
}

/** Pid of the process that holds flock(2) on a file. */
function lockHolder(path: string): number | undefined {
  try {
    const { ino } = statSync(path);
    // `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`
    const pid = new RegExp(`^\\d+: FLOCK +\\S+ +WRITE (\\d+) \\w+:\\w+:${ino} `, 'm').exec(
      readFileSync('/proc/locks', 'utf8'),
    )?.[1];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    // No such file: no supervisor has been here in this boot.
    return undefined;
  }
}

function readStatusFile(path: string): SupervisorStatus | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SupervisorStatus; // our own program; anything unreadable is "no status"
  } catch {
    return undefined;
  }
}

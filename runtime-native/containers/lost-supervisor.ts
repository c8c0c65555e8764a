import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diagnose } from '#core/engine/catalogue.ts';
import { durationMs } from '#core/model/units.ts';
import type { EngineContext } from '../engine-context.ts';
import { cgroupParent } from '../host/cgroup-parent.ts';
import { processStartTime } from '../host/process-identity.ts';
import { readProcess } from '../host/process-table.ts';
import { pidsBelow } from './container-cgroups.ts';
import type { ContainerRow } from './container-rows.ts';

/** For a supervisor that was told to stop: what its container is given by default, and as much again. */
const patienceMs = 20_000;
const pollMs = 20;

/**
 * Whether a container runs although its run directory is gone: somebody has emptied the volatile directory or mounted another one
 * there. Without processes it is what a reboot leaves.
 */
export function isLost(context: EngineContext, row: ContainerRow): boolean {
  return row.desired === 'running' && !existsSync(context.paths.containerRun(row.id)) && pidsOf(context, row).length > 0;
}

/**
 * Ends a container that `isLost`, and tells. Its supervisor, which nobody can reach any more, takes SIGTERM for a stop and clears up
 * after itself; what is left after that is killed.
 */
export async function endLost(context: EngineContext, row: ContainerRow): Promise<void> {
  context.notice(diagnose('engine.run-directory-lost', { name: row.name, path: context.paths.containerRun(row.id) }));
  const supervisors = supervisorsOf(pidsOf(context, row));
  for (const { pid } of supervisors) signal(pid, 'SIGTERM');
  const grace = row.stored.spec.service.stop_grace_period;
  const deadline = performance.now() + patienceMs + (grace === undefined ? 0 : durationMs(grace));
  const isRunning = () =>
    supervisors.some((one) => processStartTime(one.pid) === one.startTime) || pidsOf(context, row).length > 0;
  // Without a supervisor nothing would come of waiting.
  while (supervisors.length > 0 && isRunning() && performance.now() < deadline) await delay(pollMs);
  for (const { pid, startTime } of supervisors) if (processStartTime(pid) === startTime) signal(pid, 'SIGKILL');
  for (const pid of pidsOf(context, row)) signal(pid, 'SIGKILL');
}

function pidsOf(context: EngineContext, row: ContainerRow): readonly number[] {
  const { mounts, mode } = context.facts().cgroups;
  const mount = mounts['pids'] ?? mounts['unified'] ?? Object.values(mounts)[0];
  if (mount === undefined) return [];
  const asked = row.stored.spec.service.cgroup_parent;
  return pidsBelow(join(mount, cgroupParent(context.names, { asked, mode }), row.id));
}

/** A supervisor is the parent of its container's first process. */
function supervisorsOf(pids: readonly number[]): readonly { readonly pid: number; readonly startTime: number }[] {
  const parents = new Set(pids.map((pid) => readProcess(pid)?.parentPid ?? 0));
  return [...parents].flatMap((pid) => {
    const startTime = processStartTime(pid);
    return startTime !== undefined && isSupervisor(pid) ? [{ pid, startTime }] : [];
  });
}

function isSupervisor(pid: number): boolean {
  try {
    // The program may have been replaced since: " (deleted)".
    return /\/tscompose-supervisor( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    // It has ended.
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

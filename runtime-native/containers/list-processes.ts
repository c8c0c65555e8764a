import { readFileSync } from 'node:fs';
import type { ContainerProcess } from '#core/engine/usage.ts';
import type { EngineContext } from '../engine-context.ts';
import { readProcess } from '../host/process-table.ts';
import { containerStatus } from './alive.ts';
import { cgroupDirectories, containerPids } from './container-cgroups.ts';
import { requireRunning } from './signal-container.ts';

/** Processes of a running container, by pid. */
export function listProcesses(context: EngineContext, id: string): readonly ContainerProcess[] {
  requireRunning(context, id);
  const current = containerStatus(context, id);
  const supervisorPid = current.kind === 'live' ? current.status.supervisorPid : 0;
  const names = hostUsers();
  return containerPids(cgroupDirectories(context, id), supervisorPid).flatMap((pid): readonly ContainerProcess[] => {
    const facts = readProcess(pid);
    if (facts === undefined) return [];
    const { childrenCpuMs: _children, terminal, ...rest } = facts;
    const userName = names.get(facts.uid);
    return [{ ...rest, ...(terminal === undefined ? {} : { terminal }), ...(userName === undefined ? {} : { userName }) }];
  });
}

/** Names of the host's own accounts by uid. */
function hostUsers(): ReadonlyMap<number, string> {
  const users = new Map<number, string>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    if (/^\d+$/.test(uid) && !users.has(Number(uid))) users.set(Number(uid), name);
  }
  return users;
}

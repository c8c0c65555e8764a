import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Megabytes (proportional set size) of all supervisors below a run directory and of their helper children, without the containers' own processes. */
export function supervisorMemory(run: string): number {
  const parents = processParents();
  let kilobytes = 0;
  for (const name of readdirSync(join(run, 'containers'))) {
    const status = readStatus(join(run, 'containers', name, 'status.json'));
    if (status === undefined) continue;
    const helpers = [...parents]
      .filter(([pid, parent]) => parent === status.supervisorPid && pid !== status.pid)
      .map(([pid]) => pid);
    for (const pid of [status.supervisorPid, ...helpers]) kilobytes += proportionalKilobytes(pid);
  }
  return kilobytes / 1024;
}

function readStatus(path: string): { readonly supervisorPid: number; readonly pid: number } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // Readers of status.json treat a missing or half-written file as "no status".
  }
}

function processParents(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProcess(name, 'stat');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  return parents;
}

function proportionalKilobytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readProcess(String(pid), 'smaps_rollup'))?.[1] ?? 0);
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // The process has ended.
  }
}
